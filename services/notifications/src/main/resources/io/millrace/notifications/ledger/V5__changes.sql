-- For who follows what becomes of mails.
CREATE INDEX delivery_changed ON notifications.delivery (changed_at);
