print("pythonrc ran")
