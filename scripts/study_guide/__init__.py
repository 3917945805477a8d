"""The engine of the study guide: a module for each thing that it makes."""
