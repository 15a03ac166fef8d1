-- The reference ERP: six modules and a ledger. Every table begins its key with the tenant, which is also its lane column.
-- Money is numeric(16,2), unit prices and costs numeric(16,4), quantities numeric(16,3).

CREATE TABLE tenant (
  tenant_id integer PRIMARY KEY,
  name      text NOT NULL,
  currency  text NOT NULL,
  country   text NOT NULL
);

CREATE TABLE user_account (
  tenant_id      integer NOT NULL REFERENCES tenant,
  user_name      text NOT NULL,
  email          text NOT NULL,
  active         boolean NOT NULL DEFAULT true,
  approval_limit numeric(16,2) NOT NULL,
  last_login_at  timestamptz,
  PRIMARY KEY (tenant_id, user_name)
);

CREATE TABLE role_assignment (
  tenant_id  integer NOT NULL,
  user_name  text NOT NULL,
  role       text NOT NULL CHECK (role IN ('buyer', 'approver', 'accountant', 'treasurer', 'sales', 'warehouse', 'admin')),
  granted_by text NOT NULL,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_name, role),
  FOREIGN KEY (tenant_id, user_name) REFERENCES user_account
);

CREATE TABLE account (
  tenant_id integer NOT NULL REFERENCES tenant,
  code      text NOT NULL,
  name      text NOT NULL,
  type      text NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
  active    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, code)
);

CREATE TABLE fiscal_period (
  tenant_id integer NOT NULL REFERENCES tenant,
  period    date NOT NULL CHECK (period = date_trunc('month', period)),
  status    text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  closed_at timestamptz,
  closed_by text,
  PRIMARY KEY (tenant_id, period)
);

CREATE TABLE customer (
  tenant_id          integer NOT NULL REFERENCES tenant,
  id                 bigint NOT NULL,
  name               text NOT NULL,
  email              text NOT NULL,
  country            text NOT NULL,
  credit_limit       numeric(16,2) NOT NULL,
  payment_terms_days integer NOT NULL,
  active             boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE supplier (
  tenant_id          integer NOT NULL REFERENCES tenant,
  id                 bigint NOT NULL,
  name               text NOT NULL,
  email              text NOT NULL,
  country            text NOT NULL,
  iban               text NOT NULL,
  iban_changed_at    timestamptz,
  iban_changed_by    text,
  payment_terms_days integer NOT NULL,
  active             boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE warehouse (
  tenant_id integer NOT NULL REFERENCES tenant,
  id        bigint NOT NULL,
  code      text NOT NULL,
  name      text NOT NULL,
  active    boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE product (
  tenant_id        integer NOT NULL REFERENCES tenant,
  id               bigint NOT NULL,
  sku              text NOT NULL,
  name             text NOT NULL,
  category         text NOT NULL,
  list_price       numeric(16,4) NOT NULL,
  reorder_point    numeric(16,3) NOT NULL,
  reorder_quantity numeric(16,3) NOT NULL,
  attributes       jsonb,
  description      text,
  active           boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE stock_level (
  tenant_id    integer NOT NULL,
  warehouse_id bigint NOT NULL,
  product_id   bigint NOT NULL,
  on_hand      numeric(16,3) NOT NULL,
  reserved     numeric(16,3) NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, warehouse_id, product_id),
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product
);

CREATE TABLE stock_movement (
  tenant_id        integer NOT NULL,
  id               bigint NOT NULL,
  warehouse_id     bigint NOT NULL,
  product_id       bigint NOT NULL,
  kind             text NOT NULL CHECK (kind IN ('purchase_receipt', 'sale', 'adjustment_increase', 'adjustment_decrease',
                     'transfer_out', 'transfer_in', 'return_from_customer', 'return_to_supplier')),
  quantity         numeric(16,3) NOT NULL CHECK (quantity > 0),
  unit_cost        numeric(16,4) NOT NULL,
  moved_at         timestamptz NOT NULL,
  document_type    text,
  document_id      bigint,
  document_line_no integer,
  transfer_id      bigint,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product
);

CREATE TABLE sales_order (
  tenant_id      integer NOT NULL,
  id             bigint NOT NULL,
  number         text NOT NULL,
  customer_id    bigint NOT NULL,
  warehouse_id   bigint NOT NULL,
  status         text NOT NULL CHECK (status IN ('draft', 'confirmed', 'picking', 'packed', 'shipped', 'delivered', 'cancelled')),
  order_date     date NOT NULL,
  requested_date date,
  total          numeric(16,2) NOT NULL,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse
);

CREATE TABLE sales_order_line (
  tenant_id         integer NOT NULL,
  order_id          bigint NOT NULL,
  line_no           integer NOT NULL,
  product_id        bigint NOT NULL,
  quantity          numeric(16,3) NOT NULL,
  quantity_reserved numeric(16,3) NOT NULL DEFAULT 0,
  quantity_shipped  numeric(16,3) NOT NULL DEFAULT 0,
  unit_price        numeric(16,4) NOT NULL,
  discount_percent  numeric(5,2) NOT NULL,
  tax_percent       numeric(5,2) NOT NULL,
  amount            numeric(16,2) NOT NULL,
  PRIMARY KEY (tenant_id, order_id, line_no),
  FOREIGN KEY (tenant_id, order_id) REFERENCES sales_order,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product
);

CREATE TABLE invoice (
  tenant_id       integer NOT NULL,
  id              bigint NOT NULL,
  number          text NOT NULL,
  customer_id     bigint NOT NULL,
  order_id        bigint,
  status          text NOT NULL CHECK (status IN ('draft', 'sent', 'partially_paid', 'paid', 'overdue', 'cancelled', 'refunded')),
  invoice_date    date NOT NULL,
  due_date        date NOT NULL,
  net             numeric(16,2) NOT NULL,
  tax             numeric(16,2) NOT NULL,
  total           numeric(16,2) NOT NULL,
  amount_paid     numeric(16,2) NOT NULL DEFAULT 0,
  amount_credited numeric(16,2) NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer,
  FOREIGN KEY (tenant_id, order_id) REFERENCES sales_order
);

CREATE TABLE invoice_line (
  tenant_id        integer NOT NULL,
  invoice_id       bigint NOT NULL,
  line_no          integer NOT NULL,
  product_id       bigint,
  description      text,
  quantity         numeric(16,3) NOT NULL,
  unit_price       numeric(16,4) NOT NULL,
  discount_percent numeric(5,2) NOT NULL,
  tax_percent      numeric(5,2) NOT NULL,
  amount           numeric(16,2) NOT NULL,
  PRIMARY KEY (tenant_id, invoice_id, line_no),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoice,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product
);

CREATE TABLE payment (
  tenant_id   integer NOT NULL,
  id          bigint NOT NULL,
  invoice_id  bigint NOT NULL,
  customer_id bigint NOT NULL,
  amount      numeric(16,2) NOT NULL,
  method      text NOT NULL,
  reference   text,
  received_at timestamptz NOT NULL,
  status      text NOT NULL CHECK (status IN ('posted', 'reversed')),
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoice,
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer
);

CREATE TABLE purchase_order (
  tenant_id     integer NOT NULL,
  id            bigint NOT NULL,
  number        text NOT NULL,
  supplier_id   bigint NOT NULL,
  warehouse_id  bigint NOT NULL,
  status        text NOT NULL CHECK (status IN ('draft', 'submitted', 'confirmed', 'partially_received', 'received', 'cancelled')),
  order_date    date NOT NULL,
  expected_date date,
  total         numeric(16,2) NOT NULL,
  approved_by   text,
  approved_at   timestamptz,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES supplier,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse
);

CREATE TABLE purchase_order_line (
  tenant_id         integer NOT NULL,
  order_id          bigint NOT NULL,
  line_no           integer NOT NULL,
  product_id        bigint NOT NULL,
  quantity          numeric(16,3) NOT NULL,
  quantity_received numeric(16,3) NOT NULL DEFAULT 0,
  unit_price        numeric(16,4) NOT NULL,
  amount            numeric(16,2) NOT NULL,
  PRIMARY KEY (tenant_id, order_id, line_no),
  FOREIGN KEY (tenant_id, order_id) REFERENCES purchase_order,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product
);

CREATE TABLE supplier_invoice (
  tenant_id    integer NOT NULL,
  id           bigint NOT NULL,
  supplier_id  bigint NOT NULL,
  order_id     bigint,
  number       text NOT NULL,
  status       text NOT NULL CHECK (status IN ('draft', 'approved', 'disputed', 'partially_paid', 'paid', 'cancelled')),
  invoice_date date NOT NULL,
  due_date     date NOT NULL,
  net          numeric(16,2) NOT NULL,
  tax          numeric(16,2) NOT NULL,
  total        numeric(16,2) NOT NULL,
  amount_paid  numeric(16,2) NOT NULL DEFAULT 0,
  approved_by  text,
  approved_at  timestamptz,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES supplier,
  FOREIGN KEY (tenant_id, order_id) REFERENCES purchase_order
);

CREATE TABLE supplier_invoice_line (
  tenant_id     integer NOT NULL,
  invoice_id    bigint NOT NULL,
  line_no       integer NOT NULL,
  order_line_no integer,
  product_id    bigint,
  description   text,
  quantity      numeric(16,3) NOT NULL,
  unit_price    numeric(16,4) NOT NULL,
  amount        numeric(16,2) NOT NULL,
  account_code  text,
  PRIMARY KEY (tenant_id, invoice_id, line_no),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES supplier_invoice,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product,
  FOREIGN KEY (tenant_id, account_code) REFERENCES account
);

CREATE TABLE supplier_payment (
  tenant_id   integer NOT NULL,
  id          bigint NOT NULL,
  supplier_id bigint NOT NULL,
  invoice_id  bigint NOT NULL,
  amount      numeric(16,2) NOT NULL,
  method      text NOT NULL,
  iban        text NOT NULL,
  paid_at     timestamptz NOT NULL,
  approved_by text,
  status      text NOT NULL CHECK (status IN ('posted', 'reversed')),
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by text NOT NULL, updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES supplier,
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES supplier_invoice
);

CREATE TABLE journal_entry (
  tenant_id   integer NOT NULL,
  id          bigint NOT NULL,
  number      text NOT NULL,
  entry_date  date NOT NULL,
  period      date NOT NULL,
  source_type text NOT NULL,
  source_id   bigint,
  memo        text,
  status      text NOT NULL CHECK (status IN ('posted', 'reversed')),
  reverses_id bigint,
  posted_by   text NOT NULL,
  posted_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, period) REFERENCES fiscal_period,
  FOREIGN KEY (tenant_id, reverses_id) REFERENCES journal_entry
);

CREATE TABLE journal_entry_line (
  tenant_id    integer NOT NULL,
  entry_id     bigint NOT NULL,
  line_no      integer NOT NULL,
  account_code text NOT NULL,
  debit        numeric(16,2) NOT NULL,
  credit       numeric(16,2) NOT NULL,
  party_type   text,
  party_id     bigint,
  memo         text,
  PRIMARY KEY (tenant_id, entry_id, line_no),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES journal_entry,
  FOREIGN KEY (tenant_id, account_code) REFERENCES account,
  CHECK (debit >= 0 AND credit >= 0 AND (debit = 0 OR credit = 0))
);

-- The open documents, which is where the next click happens.
CREATE INDEX ON sales_order (tenant_id, id) WHERE status IN ('draft', 'confirmed', 'picking', 'packed', 'shipped');
CREATE INDEX ON purchase_order (tenant_id, id) WHERE status IN ('draft', 'submitted', 'confirmed', 'partially_received');
CREATE INDEX ON invoice (tenant_id, id) WHERE status IN ('draft', 'sent', 'partially_paid', 'overdue');
CREATE INDEX ON invoice (tenant_id, order_id);
CREATE INDEX ON supplier_invoice (tenant_id, id) WHERE status IN ('draft', 'approved', 'partially_paid');
CREATE INDEX ON supplier_invoice (tenant_id, order_id);
CREATE INDEX ON stock_movement (tenant_id, document_type, document_id);
CREATE INDEX ON journal_entry (tenant_id, source_type, source_id);
CREATE INDEX ON payment (tenant_id, invoice_id);
