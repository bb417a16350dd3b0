"""`python -m sg_assets`: the command line, where the script `sg-assets` is not at hand."""

from sg_assets.cli import main

if __name__ == "__main__":
    main(prog_name="sg-assets")
