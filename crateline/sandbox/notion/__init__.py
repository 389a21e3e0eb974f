"""A simulated Notion: one workspace in memory, behind Notion's wire protocol.

`state.State()` holds the workspace, `app.app(state, faults)` serves it, `workspace.seed(state)` (or
`state.seed_user_workspace()`) lays out the databases of a DJ who has not met crateline yet.
"""
