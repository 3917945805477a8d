"""What the pages show as measured on a GPU: `guide.py bench gpu`."""
