-- step 1: skip purge invoices (rule invoices)
-- kept for ever: financial records

-- step 2: skip purge public.performance_analytics (rule performance_analytics)
-- finished 2026-03-02 01:04, in this period (every day, since 2026-03-02 00:00)

-- step 3: skip analyze public.audit_logs (rule statistics)
-- not due
