"""Run folders: the life of a run, file by file.

`create` makes one; `store` resolves a name and lists the runs; `folder` is the `Run` that all others read and write;
`record` types the keys of run.json and metrics.json; `json_file` and `history` are their text; `files` reads, writes
and hashes files; `integrity` compares them with the SHA-256 recorded of each; `lifecycle` resumes a run and records how
it ends; `status` computes its status; `lock` keeps other processes out; `ownership` knows whether this user created it;
`overview` is its row in `mnist runs`, which `sorting` selects and sorts; `delete` removes it.
"""
