"""Flows: instances as rows, one transaction a step (flows.md).

Read `state` (what an instance is), `decide` (pure: where tokens go), `plan` (a flow compiled),
then `runner` (loads, decides, acts, saves), `people` (who), `actions` (service nodes),
`starting` (record events) and `store` (rows).
"""
