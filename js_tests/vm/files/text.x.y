left-right
