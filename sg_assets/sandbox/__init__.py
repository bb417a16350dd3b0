"""One made-up company and a stand-in for every vendor that it uses, so that everything runs with no account."""
