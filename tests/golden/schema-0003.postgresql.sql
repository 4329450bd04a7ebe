SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION image_counts_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN UPDATE project_count AS c SET unlabelled = c.unlabelled + d.unlabelled, labelled = c.labelled + d.labelled, empty = c.empty + d.empty FROM (SELECT project_id, coalesce(sum(step) FILTER (WHERE status = 'unlabelled'), 0) AS unlabelled, coalesce(sum(step) FILTER (WHERE status = 'labelled'), 0) AS labelled, coalesce(sum(step) FILTER (WHERE status = 'empty'), 0) AS empty FROM (SELECT project_id, status, 1 AS step FROM fresh WHERE deleted IS NULL UNION ALL SELECT project_id, status, -1 AS step FROM gone WHERE deleted IS NULL) AS r GROUP BY project_id) AS d WHERE c.project_id = d.project_id AND (d.unlabelled, d.labelled, d.empty) <> (0, 0, 0); RETURN NULL; END $$;
CREATE FUNCTION image_counts_gone() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN UPDATE project_count AS c SET unlabelled = c.unlabelled + d.unlabelled, labelled = c.labelled + d.labelled, empty = c.empty + d.empty FROM (SELECT project_id, coalesce(sum(step) FILTER (WHERE status = 'unlabelled'), 0) AS unlabelled, coalesce(sum(step) FILTER (WHERE status = 'labelled'), 0) AS labelled, coalesce(sum(step) FILTER (WHERE status = 'empty'), 0) AS empty FROM (SELECT project_id, status, -1 AS step FROM gone WHERE deleted IS NULL) AS r GROUP BY project_id) AS d WHERE c.project_id = d.project_id AND (d.unlabelled, d.labelled, d.empty) <> (0, 0, 0); RETURN NULL; END $$;
CREATE FUNCTION image_counts_new() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN UPDATE project_count AS c SET unlabelled = c.unlabelled + d.unlabelled, labelled = c.labelled + d.labelled, empty = c.empty + d.empty FROM (SELECT project_id, coalesce(sum(step) FILTER (WHERE status = 'unlabelled'), 0) AS unlabelled, coalesce(sum(step) FILTER (WHERE status = 'labelled'), 0) AS labelled, coalesce(sum(step) FILTER (WHERE status = 'empty'), 0) AS empty FROM (SELECT project_id, status, 1 AS step FROM fresh WHERE deleted IS NULL) AS r GROUP BY project_id) AS d WHERE c.project_id = d.project_id AND (d.unlabelled, d.labelled, d.empty) <> (0, 0, 0); RETURN NULL; END $$;
CREATE FUNCTION project_begins_count() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO project_count (project_id) VALUES (NEW.id); RETURN NULL; END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE box (
    image_id integer NOT NULL,
    id text NOT NULL,
    "position" integer NOT NULL,
    class_id integer NOT NULL,
    x0 double precision NOT NULL,
    y0 double precision NOT NULL,
    x1 double precision NOT NULL,
    y1 double precision NOT NULL,
    source text NOT NULL,
    difficult boolean NOT NULL,
    crowd boolean NOT NULL,
    CONSTRAINT ck_box_source_known CHECK (((source = ANY (ARRAY['person'::text, 'import'::text])) OR (source ~~ 'model:%'::text))),
    CONSTRAINT ck_box_x_ordered CHECK (((x0 >= (0)::double precision) AND (x0 < x1) AND (x1 < (1000000000)::double precision))),
    CONSTRAINT ck_box_y_ordered CHECK (((y0 >= (0)::double precision) AND (y0 < y1) AND (y1 < (1000000000)::double precision)))
);
CREATE TABLE edit (
    id integer NOT NULL,
    image_id integer NOT NULL,
    operation_id text NOT NULL,
    revision integer NOT NULL,
    author text NOT NULL,
    status text NOT NULL,
    boxes json NOT NULL,
    created timestamp with time zone NOT NULL,
    action text DEFAULT 'draw'::text NOT NULL,
    restored integer,
    CONSTRAINT ck_edit_action_known CHECK ((action = ANY (ARRAY['draw'::text, 'mark'::text, 'restore'::text])))
);
CREATE SEQUENCE edit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE edit_id_seq OWNED BY edit.id;
CREATE TABLE image (
    id integer NOT NULL,
    project_id integer NOT NULL,
    name text NOT NULL,
    sort_key text NOT NULL COLLATE pg_catalog."C",
    received_sha256 text NOT NULL,
    sha256 text NOT NULL,
    mime text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    orientation integer NOT NULL,
    status text NOT NULL,
    split text,
    revision integer NOT NULL,
    note text NOT NULL,
    created timestamp with time zone NOT NULL,
    flag boolean DEFAULT false NOT NULL,
    deleted timestamp with time zone,
    perceptual_hash bigint,
    warning text DEFAULT ''::text NOT NULL,
    CONSTRAINT ck_image_orientation_known CHECK (((orientation >= 1) AND (orientation <= 8))),
    CONSTRAINT ck_image_size_positive CHECK (((width > 0) AND (height > 0))),
    CONSTRAINT ck_image_split_known CHECK ((split = ANY (ARRAY['train'::text, 'val'::text, 'test'::text]))),
    CONSTRAINT ck_image_status_known CHECK ((status = ANY (ARRAY['unlabelled'::text, 'labelled'::text, 'empty'::text])))
);
CREATE SEQUENCE image_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE image_id_seq OWNED BY image.id;
CREATE TABLE label_class (
    id integer NOT NULL,
    project_id integer NOT NULL,
    name text NOT NULL,
    colour text NOT NULL,
    "position" integer NOT NULL,
    archived boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_label_class_name_present CHECK ((length(name) > 0))
);
CREATE SEQUENCE label_class_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE label_class_id_seq OWNED BY label_class.id;
CREATE TABLE model (
    id text NOT NULL,
    project_id integer NOT NULL,
    run_id text,
    name text NOT NULL,
    classes json NOT NULL,
    metrics json NOT NULL,
    params json NOT NULL,
    created timestamp with time zone NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    deleted timestamp with time zone,
    is_default boolean DEFAULT false NOT NULL,
    parent_id text
);
CREATE TABLE project (
    id integer NOT NULL,
    name text NOT NULL,
    created timestamp with time zone NOT NULL,
    archived timestamp with time zone,
    CONSTRAINT ck_project_name_present CHECK ((length(name) > 0))
);
CREATE TABLE project_count (
    project_id integer NOT NULL,
    unlabelled integer DEFAULT 0 NOT NULL,
    labelled integer DEFAULT 0 NOT NULL,
    empty integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE project_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE project_id_seq OWNED BY project.id;
CREATE TABLE run (
    id text NOT NULL,
    project_id integer NOT NULL,
    snapshot_id text NOT NULL,
    job_id text,
    params json NOT NULL,
    stop text,
    outcome text,
    error text,
    phase text NOT NULL,
    step integer NOT NULL,
    total_steps integer NOT NULL,
    epoch integer NOT NULL,
    total_epochs integer NOT NULL,
    seconds_left double precision,
    metrics json NOT NULL,
    model_id text,
    attempts integer NOT NULL,
    host text,
    pid integer,
    pid_start double precision,
    beat double precision,
    created timestamp with time zone NOT NULL,
    started timestamp with time zone,
    finished timestamp with time zone,
    priority integer DEFAULT 10 NOT NULL,
    device text,
    failure text,
    failure_detail json,
    promised_seconds double precision,
    worked_seconds double precision DEFAULT '0'::double precision NOT NULL,
    CONSTRAINT ck_run_failure_known CHECK ((failure = ANY (ARRAY['out_of_memory'::text, 'disk_full'::text, 'diverged'::text, 'worker_gone'::text, 'weights_unavailable'::text, 'bad_data'::text, 'unknown'::text]))),
    CONSTRAINT ck_run_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text, 'paused'::text]))),
    CONSTRAINT ck_run_stop_known CHECK ((stop = ANY (ARRAY['cancel'::text, 'pause'::text, 'finish'::text])))
);
CREATE TABLE run_metric (
    run_id text NOT NULL,
    step integer NOT NULL,
    name text NOT NULL,
    value double precision NOT NULL
);
CREATE TABLE snapshot (
    id text NOT NULL,
    project_id integer NOT NULL,
    content_hash text NOT NULL,
    content json NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE suggestion (
    id integer NOT NULL,
    image_id integer NOT NULL,
    model_id text NOT NULL,
    class_id integer NOT NULL,
    x0 double precision NOT NULL,
    y0 double precision NOT NULL,
    x1 double precision NOT NULL,
    y1 double precision NOT NULL,
    score double precision NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    created timestamp with time zone NOT NULL,
    decided timestamp with time zone,
    CONSTRAINT ck_suggestion_score_between_0_and_1 CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision))),
    CONSTRAINT ck_suggestion_state_known CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'rejected'::text]))),
    CONSTRAINT ck_suggestion_x_ordered CHECK (((x0 >= (0)::double precision) AND (x0 < x1) AND (x1 < (1000000000)::double precision))),
    CONSTRAINT ck_suggestion_y_ordered CHECK (((y0 >= (0)::double precision) AND (y0 < y1) AND (y1 < (1000000000)::double precision)))
);
CREATE SEQUENCE suggestion_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE suggestion_id_seq OWNED BY suggestion.id;
ALTER TABLE ONLY edit ALTER COLUMN id SET DEFAULT nextval('edit_id_seq'::regclass);
ALTER TABLE ONLY image ALTER COLUMN id SET DEFAULT nextval('image_id_seq'::regclass);
ALTER TABLE ONLY label_class ALTER COLUMN id SET DEFAULT nextval('label_class_id_seq'::regclass);
ALTER TABLE ONLY project ALTER COLUMN id SET DEFAULT nextval('project_id_seq'::regclass);
ALTER TABLE ONLY suggestion ALTER COLUMN id SET DEFAULT nextval('suggestion_id_seq'::regclass);
INSERT INTO alembic_version VALUES ('0003');
INSERT INTO box VALUES (1, '1', 0, 1, 0.25, 0.5, 20.125, 30, 'person', false, false);
INSERT INTO box VALUES (1, '2', 1, 2, 3, 4, 5.5, 6.75, 'import', true, false);
INSERT INTO box VALUES (2, '2', 0, 2, 3, 4, 5.5, 6.75, 'import', true, false);
INSERT INTO box VALUES (3, '3', 0, 1, 1, 1, 39, 29, 'model:m1', false, true);
INSERT INTO box VALUES (3, '1', 1, 1, 0.25, 0.5, 20.125, 30, 'person', false, false);
INSERT INTO edit VALUES (1, 1, 'op-1', 1, 'anna', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-26 00:55:16.544556+00', 'draw', NULL);
INSERT INTO edit VALUES (2, 1, 'op-2', 2, 'person', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]', '2026-11-26 00:55:16.553611+00', 'draw', NULL);
INSERT INTO edit VALUES (3, 2, 'import', 1, 'import', 'labelled', '[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]', '2026-11-26 00:55:16.559963+00', 'draw', NULL);
INSERT INTO edit VALUES (4, 3, 'op-1', 1, 'person', 'labelled', '[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-26 00:55:16.562743+00', 'draw', NULL);
INSERT INTO edit VALUES (5, 4, 'op-1', 1, 'person', 'empty', '[]', '2026-11-26 00:55:16.569712+00', 'mark', NULL);
INSERT INTO edit VALUES (6, 5, 'op-1', 1, 'person', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-26 00:55:16.572249+00', 'draw', NULL);
INSERT INTO edit VALUES (7, 5, 'op-2', 2, 'person', 'unlabelled', '[]', '2026-11-26 00:55:16.577746+00', 'draw', NULL);
INSERT INTO edit VALUES (8, 5, 'op-3', 3, 'person', 'empty', '[]', '2026-11-26 00:55:16.57945+00', 'mark', NULL);
INSERT INTO image VALUES (6, 1, 'f.png', 'f.png', '7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc', '7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc', 'image/png', 40, 30, 1, 'unlabelled', NULL, 0, '', '2026-11-26 00:55:16.530005+00', false, NULL, 0, '');
INSERT INTO image VALUES (1, 1, 'street/a.png', 'streeta.png', 'e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564', 'e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564', 'image/png', 40, 30, 1, 'labelled', NULL, 2, '', '2026-11-26 00:55:16.443465+00', false, NULL, 0, '');
INSERT INTO image VALUES (2, 1, 'o''brien; drop table box.png', 'o''brien; drop table box.png', '4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec', '4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec', 'image/png', 40, 30, 1, 'labelled', NULL, 1, '', '2026-11-26 00:55:16.460981+00', false, NULL, 0, '');
INSERT INTO image VALUES (3, 1, 'Straße 7/ß.png', 'strasse 0017ss.png', '5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b', '5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b', 'image/png', 40, 30, 1, 'labelled', NULL, 1, '', '2026-11-26 00:55:16.481193+00', false, NULL, 0, '');
INSERT INTO image VALUES (4, 1, '山.png', '山.png', 'e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986', 'e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986', 'image/png', 40, 30, 1, 'empty', 'test', 1, '', '2026-11-26 00:55:16.48891+00', false, NULL, 0, '');
INSERT INTO image VALUES (5, 1, 'e.png', 'e.png', 'dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa', 'dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa', 'image/png', 40, 30, 1, 'empty', 'val', 3, '', '2026-11-26 00:55:16.5097+00', false, NULL, 0, '');
INSERT INTO label_class VALUES (1, 1, 'bolt', '#DD6600', 0, false);
INSERT INTO label_class VALUES (2, 1, 'nut; --', '#123456', 1, false);
INSERT INTO model VALUES ('m1', 1, 'a4d62cd7ace84e3bb3251e6b13411db5', 'Workshop quick 1', '["bolt","nut; --"]', '{"AP":0.5}', '{"preset":"quick"}', '2026-11-26 00:55:16.615503+00', '', NULL, false, NULL);
INSERT INTO project VALUES (1, 'Workshop', '2026-11-26 00:55:16.391576+00', NULL);
INSERT INTO project VALUES (2, 'Empty ''one''', '2026-11-26 00:55:16.409475+00', NULL);
INSERT INTO project_count VALUES (2, 0, 0, 0);
INSERT INTO project_count VALUES (1, 1, 3, 2);
INSERT INTO run VALUES ('a4d62cd7ace84e3bb3251e6b13411db5', 1, '91c4f940150e47a396cf3acf8f882a30', NULL, '{"preset":"quick","seed":0}', NULL, 'done', NULL, 'training', 20, 0, 0, 0, NULL, '{}', 'm1', 1, 'here', NULL, NULL, 1795654516.6095378, '2026-11-26 00:55:16.607776+00', '2026-11-26 00:55:16.609538+00', '2026-11-26 00:55:16.629694+00', 10, NULL, NULL, NULL, NULL, 0);
INSERT INTO run VALUES ('5490c0e7e7d846108469704a8c2be054', 1, '91c4f940150e47a396cf3acf8f882a30', NULL, '{"preset":"best"}', NULL, NULL, NULL, 'queued', 0, 0, 0, 0, NULL, '{}', NULL, 1, 'here', NULL, NULL, 1795654516.6318083, '2026-11-26 00:55:16.631316+00', '2026-11-26 00:55:16.631808+00', NULL, 10, NULL, NULL, NULL, NULL, 0);
INSERT INTO run_metric VALUES ('a4d62cd7ace84e3bb3251e6b13411db5', 20, 'loss', 0.5);
INSERT INTO snapshot VALUES ('91c4f940150e47a396cf3acf8f882a30', 1, '42c2de8eef6c78a49486a1511121a036e16a08dc58b89e461a7d4fa950af040c', '{"classes":[[1,"bolt","#DD6600",0],[2,"nut; --","#123456",1]],"images":[[1,"street/a.png","e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564",40,30,"train",[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[2,"o''brien; drop table box.png","4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec",40,30,"train",[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[3,"Straße 7/ß.png","5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b",40,30,"train",[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]],[4,"山.png","e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986",40,30,"test",[]],[5,"e.png","dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa",40,30,"val",[]]]}', '2026-11-26 00:55:16.605654+00');
INSERT INTO suggestion VALUES (1, 6, 'm1', 1, 2, 3, 20, 25, 0.75, 'open', '2026-11-26 00:55:16.628357+00', NULL);
SELECT pg_catalog.setval('edit_id_seq', 8, true);
SELECT pg_catalog.setval('image_id_seq', 6, true);
SELECT pg_catalog.setval('label_class_id_seq', 2, true);
SELECT pg_catalog.setval('project_id_seq', 2, true);
SELECT pg_catalog.setval('suggestion_id_seq', 1, true);
ALTER TABLE ONLY alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY box
    ADD CONSTRAINT pk_box PRIMARY KEY (image_id, id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT pk_edit PRIMARY KEY (id);
ALTER TABLE ONLY image
    ADD CONSTRAINT pk_image PRIMARY KEY (id);
ALTER TABLE ONLY label_class
    ADD CONSTRAINT pk_label_class PRIMARY KEY (id);
ALTER TABLE ONLY model
    ADD CONSTRAINT pk_model PRIMARY KEY (id);
ALTER TABLE ONLY project
    ADD CONSTRAINT pk_project PRIMARY KEY (id);
ALTER TABLE ONLY project_count
    ADD CONSTRAINT pk_project_count PRIMARY KEY (project_id);
ALTER TABLE ONLY run
    ADD CONSTRAINT pk_run PRIMARY KEY (id);
ALTER TABLE ONLY run_metric
    ADD CONSTRAINT pk_run_metric PRIMARY KEY (run_id, step, name);
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT pk_snapshot PRIMARY KEY (id);
ALTER TABLE ONLY suggestion
    ADD CONSTRAINT pk_suggestion PRIMARY KEY (id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT uq_edit_image_id_operation_id UNIQUE (image_id, operation_id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT uq_edit_image_id_revision UNIQUE (image_id, revision);
ALTER TABLE ONLY image
    ADD CONSTRAINT uq_image_project_id_name_received_sha256 UNIQUE (project_id, name, received_sha256);
ALTER TABLE ONLY label_class
    ADD CONSTRAINT uq_label_class_project_id_name UNIQUE (project_id, name);
ALTER TABLE ONLY project
    ADD CONSTRAINT uq_project_name UNIQUE (name);
CREATE INDEX ix_box_class_id ON box USING btree (class_id);
CREATE INDEX ix_image_deleted ON image USING btree (project_id, deleted) WHERE (deleted IS NOT NULL);
CREATE INDEX ix_image_flagged_order ON image USING btree (project_id, sort_key, id) WHERE ((deleted IS NULL) AND (flag IS TRUE));
CREATE INDEX ix_image_order ON image USING btree (project_id, sort_key, id) WHERE (deleted IS NULL);
CREATE INDEX ix_image_perceptual_hash ON image USING btree (project_id, perceptual_hash);
CREATE INDEX ix_image_sha256 ON image USING btree (sha256);
CREATE INDEX ix_image_split_order ON image USING btree (project_id, split, sort_key, id) WHERE (deleted IS NULL);
CREATE INDEX ix_image_status_order ON image USING btree (project_id, status, sort_key, id) WHERE (deleted IS NULL);
CREATE INDEX ix_image_status_split ON image USING btree (project_id, status, split) WHERE (deleted IS NULL);
CREATE UNIQUE INDEX ix_model_default ON model USING btree (project_id) WHERE is_default;
CREATE INDEX ix_model_name ON model USING btree (name);
CREATE INDEX ix_model_project_created ON model USING btree (project_id, created);
CREATE INDEX ix_run_outcome ON run USING btree (outcome);
CREATE INDEX ix_run_project_created ON run USING btree (project_id, created);
CREATE INDEX ix_snapshot_content_hash ON snapshot USING btree (project_id, content_hash);
CREATE INDEX ix_suggestion_class_id ON suggestion USING btree (class_id);
CREATE INDEX ix_suggestion_image_id_state ON suggestion USING btree (image_id, state);
CREATE INDEX ix_suggestion_model_id ON suggestion USING btree (model_id);
CREATE INDEX ix_suggestion_state_image_id ON suggestion USING btree (state, image_id);
CREATE TRIGGER image_counts_changed AFTER UPDATE ON image REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION image_counts_changed();
CREATE TRIGGER image_counts_gone AFTER DELETE ON image REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION image_counts_gone();
CREATE TRIGGER image_counts_new AFTER INSERT ON image REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION image_counts_new();
CREATE TRIGGER project_begins_count AFTER INSERT ON project FOR EACH ROW EXECUTE FUNCTION project_begins_count();
ALTER TABLE ONLY box
    ADD CONSTRAINT fk_box_class_id_label_class FOREIGN KEY (class_id) REFERENCES label_class(id);
ALTER TABLE ONLY box
    ADD CONSTRAINT fk_box_image_id_image FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE;
ALTER TABLE ONLY edit
    ADD CONSTRAINT fk_edit_image_id_image FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE;
ALTER TABLE ONLY image
    ADD CONSTRAINT fk_image_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY label_class
    ADD CONSTRAINT fk_label_class_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY model
    ADD CONSTRAINT fk_model_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY model
    ADD CONSTRAINT fk_model_run_id_run FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE SET NULL;
ALTER TABLE ONLY project_count
    ADD CONSTRAINT fk_project_count_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY run_metric
    ADD CONSTRAINT fk_run_metric_run_id_run FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE;
ALTER TABLE ONLY run
    ADD CONSTRAINT fk_run_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY run
    ADD CONSTRAINT fk_run_snapshot_id_snapshot FOREIGN KEY (snapshot_id) REFERENCES snapshot(id) ON DELETE CASCADE;
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT fk_snapshot_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY suggestion
    ADD CONSTRAINT fk_suggestion_class_id_label_class FOREIGN KEY (class_id) REFERENCES label_class(id);
ALTER TABLE ONLY suggestion
    ADD CONSTRAINT fk_suggestion_image_id_image FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE;
ALTER TABLE ONLY suggestion
    ADD CONSTRAINT fk_suggestion_model_id_model FOREIGN KEY (model_id) REFERENCES model(id) ON DELETE CASCADE;
