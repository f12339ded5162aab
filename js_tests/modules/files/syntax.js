let ok = 1;
let bad = ;
