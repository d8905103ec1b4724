"""Training runs outside the web server: started, watched and stopped from a page.

`orders` and `board` are what is asked and what is known; `tasks` is what the worker does; `cluster` and `serve` are the
processes; `office` brings them together for one server; `visitor` knows whose session asks.
"""
