"""Flows: instances as rows, one transaction a step (flows.md).

Read `state` (what an instance is), `decide` (pure: where tokens go), `plan` (a flow compiled),
then `runner` (loads, decides, acts, saves), `perform` (what nodes ask for), `people` (who works),
`waiting` (due times and timers), `answers` (tasks), `approving` (seats), `running` (starts) and
`store` (rows).
"""
