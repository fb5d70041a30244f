-- Texts of cities: the coaching focus is made once a month.
-- Locks: city_insights for a moment.

ALTER TABLE city_insights ADD COLUMN coaching_focus_month text CHECK (coaching_focus_month ~ '^\d{4}-\d{2}$');
