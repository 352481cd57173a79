"""The allocation: which option answers which queries, and how many replicas are bought.

A problem (`problem.py`) holds arrays only. An objective and the constraints are rows of one
mixed-integer linear program; `solvers/milp.py` hands them to HiGHS; `plan.py` turns the
solution into whole replicas, allocated dollars and a check that trusts none of it.
"""
