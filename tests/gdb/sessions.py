def check(bench):
    pass
