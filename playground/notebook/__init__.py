"""What is on a page as a Jupyter notebook: recorded while the page is drawn, made when it is downloaded."""

from playground.notebook.recording import Item, Kind, Recording, current, fragment, page, record
