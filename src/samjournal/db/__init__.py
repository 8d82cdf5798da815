"""PostgreSQL: the embedded server, the pool, migrations. postgresql.org/docs/18"""
