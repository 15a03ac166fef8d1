-- Work that one process does at a time, and which one does it.
CREATE TABLE notifications.lease (
  what   text PRIMARY KEY,
  worker text NOT NULL
);
