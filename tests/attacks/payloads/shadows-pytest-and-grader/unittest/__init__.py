TestCase = SkipTest = object
