import sys

sys.modules["pytest"] = sys
print("sitecustomize ran")
