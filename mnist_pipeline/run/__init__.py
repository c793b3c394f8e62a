"""Run folders. The life of a run, file by file.

`create` makes one; `store` resolves a name and lists the runs; `folder` is the `Run` that all others read and write;
`record` types every key of run.json and metrics.json; `json_file` and `history` read and write the text of the files;
`files` keeps them complete and unchanged; `lifecycle` resumes a run and records how it ends; `status` tells where it
stands; `lock` keeps other processes out; `ownership` tells whether this user created it; `overview` is its row in
`mnist runs`, which `sorting` selects and sorts; `delete` removes it.
"""
