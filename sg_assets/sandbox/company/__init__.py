"""The made-up company: pure functions of a seed and an anchor, with no clock, no file and no network.

What is here knows the whole truth: who the customers are, what runs where, who is active when, and what each vendor
would know of it. How a vendor is asked is for the stand-ins beside this package.
"""
