"""Training runs outside the web server: started, watched and stopped from a page.

`orders` and `board` are what is asked and what is known; `processes` does the work; `store` keeps decoded pictures;
`office` brings them together for one server; `visitor` knows whose session asks.
"""
