"""Training runs outside the web server: started, watched and stopped through one `JobManager`.

`job_spec` is what a run is to do and `run_state` what is known of it; `storage` is what lies on disk, `processes` the
Dask cluster, `worker` what is computed there; `run_queue`, `tracked_runs`, `supervisor` and `short_tasks` are the parts
of `job_manager`. Who may see a run is told by an owner's name, which the web server gives. `process_pool` is apart from
all that: processes which compute for pages while a visitor waits.
"""
