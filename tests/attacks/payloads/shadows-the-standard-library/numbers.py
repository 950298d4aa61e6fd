Number = object
