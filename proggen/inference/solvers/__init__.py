"""The numerical work inside a job: fitting parameters, initial states and pixels with a program at hand."""
