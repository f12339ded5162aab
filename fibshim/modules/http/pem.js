// Certificates and keys as text, for Python's `ssl`.
'use strict';

/** All certificates of an X509Cert. */
const certificateText = (certificate) => certificate.dump(true).join('\n');

/** A PKey. */
const keyText = (key) => require('crypto/key').pemOf(key);

module.exports = { certificateText, keyText };
