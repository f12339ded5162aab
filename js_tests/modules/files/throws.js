global.loadCount = (global.loadCount || 0) + 1; throw new RangeError('body');
