BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE box (
	image_id INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	class_id INTEGER NOT NULL, 
	x0 DOUBLE NOT NULL, 
	y0 DOUBLE NOT NULL, 
	x1 DOUBLE NOT NULL, 
	y1 DOUBLE NOT NULL, 
	source TEXT NOT NULL, 
	difficult BOOLEAN NOT NULL, 
	crowd BOOLEAN NOT NULL, 
	CONSTRAINT pk_box PRIMARY KEY (image_id, id), 
	CONSTRAINT ck_box_x_ordered CHECK (x0 >= 0 AND x0 < x1 AND x1 < 1000000000), 
	CONSTRAINT ck_box_y_ordered CHECK (y0 >= 0 AND y0 < y1 AND y1 < 1000000000), 
	CONSTRAINT ck_box_source_known CHECK (source IN ('person', 'import') OR source LIKE 'model:%'), 
	CONSTRAINT fk_box_class_id_label_class FOREIGN KEY(class_id) REFERENCES label_class (id), 
	CONSTRAINT fk_box_image_id_image FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "box" VALUES(1,'1',0,1,0.25,0.5,20.125,30.0,'person',0,0);
INSERT INTO "box" VALUES(1,'2',1,2,3.0,4.0,5.5,6.75,'import',1,0);
INSERT INTO "box" VALUES(2,'2',0,2,3.0,4.0,5.5,6.75,'import',1,0);
INSERT INTO "box" VALUES(3,'1',1,1,0.25,0.5,20.125,30.0,'person',0,0);
INSERT INTO "box" VALUES(3,'3',0,1,1.0,1.0,39.0,29.0,'model:m1',0,1);
CREATE TABLE edit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	image_id INTEGER NOT NULL, 
	operation_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	status TEXT NOT NULL, 
	boxes JSON NOT NULL, 
	created DATETIME NOT NULL, action TEXT DEFAULT 'draw' NOT NULL CONSTRAINT ck_edit_action_known CHECK (action IN ('draw', 'mark', 'restore')), restored INTEGER, 
	CONSTRAINT fk_edit_image_id_image FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE, 
	CONSTRAINT uq_edit_image_id_operation_id UNIQUE (image_id, operation_id), 
	CONSTRAINT uq_edit_image_id_revision UNIQUE (image_id, revision)
);
INSERT INTO "edit" VALUES(1,1,'op-1',1,'anna','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-26 00:55:12.252877','draw',NULL);
INSERT INTO "edit" VALUES(2,1,'op-2',2,'person','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]','2026-11-26 00:55:12.255567','draw',NULL);
INSERT INTO "edit" VALUES(3,2,'import',1,'import','labelled','[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]','2026-11-26 00:55:12.261282','draw',NULL);
INSERT INTO "edit" VALUES(4,3,'op-1',1,'person','labelled','[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-26 00:55:12.262482','draw',NULL);
INSERT INTO "edit" VALUES(5,4,'op-1',1,'person','empty','[]','2026-11-26 00:55:12.268163','mark',NULL);
INSERT INTO "edit" VALUES(6,5,'op-1',1,'person','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-26 00:55:12.269414','draw',NULL);
INSERT INTO "edit" VALUES(7,5,'op-2',2,'person','unlabelled','[]','2026-11-26 00:55:12.270226','draw',NULL);
INSERT INTO "edit" VALUES(8,5,'op-3',3,'person','empty','[]','2026-11-26 00:55:12.270908','mark',NULL);
CREATE TABLE image (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	sort_key TEXT NOT NULL, 
	received_sha256 TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	mime TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	orientation INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	split TEXT, 
	revision INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	created DATETIME NOT NULL, flag BOOLEAN DEFAULT 0 NOT NULL, deleted DATETIME, perceptual_hash BIGINT, warning TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT ck_image_split_known CHECK (split IN ('train', 'val', 'test')), 
	CONSTRAINT ck_image_status_known CHECK (status IN ('unlabelled', 'labelled', 'empty')), 
	CONSTRAINT ck_image_orientation_known CHECK (orientation BETWEEN 1 AND 8), 
	CONSTRAINT ck_image_size_positive CHECK (width > 0 AND height > 0), 
	CONSTRAINT fk_image_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_image_project_id_name_received_sha256 UNIQUE (project_id, name, received_sha256)
);
INSERT INTO "image" VALUES(1,1,'street/a.png','streeta.png','e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564','e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564','image/png',40,30,1,'labelled',NULL,2,'','2026-11-26 00:55:12.135646',0,NULL,0,'');
INSERT INTO "image" VALUES(2,1,'o''brien; drop table box.png','o''brien; drop table box.png','4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec','4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec','image/png',40,30,1,'labelled',NULL,1,'','2026-11-26 00:55:12.161220',0,NULL,0,'');
INSERT INTO "image" VALUES(3,1,'Straße 7/ß.png','strasse 0017ss.png','5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b','5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b','image/png',40,30,1,'labelled',NULL,1,'','2026-11-26 00:55:12.179401',0,NULL,0,'');
INSERT INTO "image" VALUES(4,1,'山.png','山.png','e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986','e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986','image/png',40,30,1,'empty','test',1,'','2026-11-26 00:55:12.200873',0,NULL,0,'');
INSERT INTO "image" VALUES(5,1,'e.png','e.png','dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa','dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa','image/png',40,30,1,'empty','val',3,'','2026-11-26 00:55:12.221021',0,NULL,0,'');
INSERT INTO "image" VALUES(6,1,'f.png','f.png','7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc','7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc','image/png',40,30,1,'unlabelled',NULL,0,'','2026-11-26 00:55:12.237619',0,NULL,0,'');
CREATE TABLE label_class (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	colour TEXT NOT NULL, 
	position INTEGER NOT NULL, archived BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT ck_label_class_name_present CHECK (length(name) > 0), 
	CONSTRAINT fk_label_class_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_label_class_project_id_name UNIQUE (project_id, name)
);
INSERT INTO "label_class" VALUES(1,1,'bolt','#DD6600',0,0);
INSERT INTO "label_class" VALUES(2,1,'nut; --','#123456',1,0);
CREATE TABLE model (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	run_id TEXT, 
	name TEXT NOT NULL, 
	classes JSON NOT NULL, 
	metrics JSON NOT NULL, 
	params JSON NOT NULL, 
	created DATETIME NOT NULL, note TEXT DEFAULT '' NOT NULL, deleted DATETIME, is_default BOOLEAN DEFAULT 0 NOT NULL, parent_id TEXT, 
	CONSTRAINT pk_model PRIMARY KEY (id), 
	CONSTRAINT fk_model_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_model_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE SET NULL
);
INSERT INTO "model" VALUES('m1',1,'66b7ec7643204518bdb17ace49eea261','Workshop quick 1','["bolt","nut; --"]','{"AP":0.5}','{"preset":"quick"}','2026-11-26 00:55:12.299174','',NULL,0,NULL);
CREATE TABLE project (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	created DATETIME NOT NULL, archived DATETIME, 
	CONSTRAINT ck_project_name_present CHECK (length(name) > 0), 
	CONSTRAINT uq_project_name UNIQUE (name)
);
INSERT INTO "project" VALUES(1,'Workshop','2026-11-26 00:55:12.071549',NULL);
INSERT INTO "project" VALUES(2,'Empty ''one''','2026-11-26 00:55:12.088860',NULL);
CREATE TABLE project_count (
	project_id INTEGER NOT NULL, 
	unlabelled INTEGER DEFAULT '0' NOT NULL, 
	labelled INTEGER DEFAULT '0' NOT NULL, 
	empty INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_project_count PRIMARY KEY (project_id), 
	CONSTRAINT fk_project_count_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
INSERT INTO "project_count" VALUES(1,1,3,2);
INSERT INTO "project_count" VALUES(2,0,0,0);
CREATE TABLE "run" (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	snapshot_id TEXT NOT NULL, 
	job_id TEXT, 
	params JSON NOT NULL, 
	stop TEXT, 
	outcome TEXT, 
	error TEXT, 
	phase TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	total_steps INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	total_epochs INTEGER NOT NULL, 
	seconds_left DOUBLE, 
	metrics JSON NOT NULL, 
	model_id TEXT, 
	attempts INTEGER NOT NULL, 
	host TEXT, 
	pid INTEGER, 
	pid_start DOUBLE, 
	beat DOUBLE, 
	created DATETIME NOT NULL, 
	started DATETIME, 
	finished DATETIME, 
	priority INTEGER DEFAULT '10' NOT NULL, 
	device TEXT, 
	failure TEXT, 
	failure_detail JSON, 
	promised_seconds DOUBLE, 
	worked_seconds DOUBLE DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT ck_run_outcome_known CHECK (outcome IN ('done', 'failed', 'cancelled', 'paused')), 
	CONSTRAINT ck_run_stop_known CHECK (stop IN ('cancel', 'pause', 'finish')), 
	CONSTRAINT ck_run_failure_known CHECK (failure IN ('out_of_memory', 'disk_full', 'diverged', 'worker_gone', 'weights_unavailable', 'bad_data', 'unknown')), 
	CONSTRAINT fk_run_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_run_snapshot_id_snapshot FOREIGN KEY(snapshot_id) REFERENCES snapshot (id) ON DELETE CASCADE
);
INSERT INTO "run" VALUES('66b7ec7643204518bdb17ace49eea261',1,'8018308adb9146218e501eab4a20566a',NULL,'{"preset":"quick","seed":0}',NULL,'done',NULL,'training',20,0,0,0,NULL,'{}','m1',1,'here',NULL,NULL,1.79565451229640960688e+09,'2026-11-26 00:55:12.291309','2026-11-26 00:55:12.296410','2026-11-26 00:55:12.309124',10,NULL,NULL,NULL,NULL,0.0);
INSERT INTO "run" VALUES('58d0d03537c44d67ac86d845364b59f7',1,'8018308adb9146218e501eab4a20566a',NULL,'{"preset":"best"}',NULL,NULL,NULL,'queued',0,0,0,0,NULL,'{}',NULL,1,'here',NULL,NULL,1.79565451231020212176e+09,'2026-11-26 00:55:12.309932','2026-11-26 00:55:12.310202',NULL,10,NULL,NULL,NULL,NULL,0.0);
CREATE TABLE run_metric (
	run_id TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	CONSTRAINT pk_run_metric PRIMARY KEY (run_id, step, name), 
	CONSTRAINT fk_run_metric_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
);
INSERT INTO "run_metric" VALUES('66b7ec7643204518bdb17ace49eea261',20,'loss',0.5);
CREATE TABLE snapshot (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	content_hash TEXT NOT NULL, 
	content JSON NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_snapshot PRIMARY KEY (id), 
	CONSTRAINT fk_snapshot_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
INSERT INTO "snapshot" VALUES('8018308adb9146218e501eab4a20566a',1,'42c2de8eef6c78a49486a1511121a036e16a08dc58b89e461a7d4fa950af040c','{"classes":[[1,"bolt","#DD6600",0],[2,"nut; --","#123456",1]],"images":[[1,"street/a.png","e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564",40,30,"train",[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[2,"o''brien; drop table box.png","4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec",40,30,"train",[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[3,"Straße 7/ß.png","5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b",40,30,"train",[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]],[4,"山.png","e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986",40,30,"test",[]],[5,"e.png","dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa",40,30,"val",[]]]}','2026-11-26 00:55:12.289871');
CREATE TABLE suggestion (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	image_id INTEGER NOT NULL, 
	model_id TEXT NOT NULL, 
	class_id INTEGER NOT NULL, 
	x0 DOUBLE NOT NULL, 
	y0 DOUBLE NOT NULL, 
	x1 DOUBLE NOT NULL, 
	y1 DOUBLE NOT NULL, 
	score DOUBLE NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	created DATETIME NOT NULL, 
	decided DATETIME, 
	CONSTRAINT ck_suggestion_x_ordered CHECK (x0 >= 0 AND x0 < x1 AND x1 < 1000000000), 
	CONSTRAINT ck_suggestion_y_ordered CHECK (y0 >= 0 AND y0 < y1 AND y1 < 1000000000), 
	CONSTRAINT ck_suggestion_score_between_0_and_1 CHECK (score >= 0 AND score <= 1), 
	CONSTRAINT ck_suggestion_state_known CHECK (state IN ('open', 'accepted', 'rejected')), 
	CONSTRAINT fk_suggestion_class_id_label_class FOREIGN KEY(class_id) REFERENCES label_class (id), 
	CONSTRAINT fk_suggestion_image_id_image FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE, 
	CONSTRAINT fk_suggestion_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
);
INSERT INTO "suggestion" VALUES(1,6,'m1',1,2.0,3.0,20.0,25.0,0.75,'open','2026-11-26 00:55:12.308484',NULL);
CREATE INDEX ix_image_sha256 ON image (sha256);
CREATE INDEX ix_snapshot_content_hash ON snapshot (project_id, content_hash);
CREATE INDEX ix_model_name ON model (name);
CREATE INDEX ix_model_project_created ON model (project_id, created);
CREATE INDEX ix_image_order ON image (project_id, sort_key, id) WHERE deleted IS NULL;
CREATE INDEX ix_image_status_order ON image (project_id, status, sort_key, id) WHERE deleted IS NULL;
CREATE INDEX ix_image_status_split ON image (project_id, status, split) WHERE deleted IS NULL;
CREATE INDEX ix_image_deleted ON image (project_id, deleted) WHERE deleted IS NOT NULL;
CREATE INDEX ix_image_perceptual_hash ON image (project_id, perceptual_hash);
CREATE TRIGGER project_begins_count AFTER INSERT ON project BEGIN INSERT INTO project_count (project_id) VALUES (NEW.id); END;
CREATE TRIGGER image_counts_new AFTER INSERT ON image WHEN NEW.deleted IS NULL  BEGIN UPDATE project_count SET unlabelled = unlabelled + 1 * (NEW.status = 'unlabelled'), labelled = labelled + 1 * (NEW.status = 'labelled'), empty = empty + 1 * (NEW.status = 'empty') WHERE project_id = NEW.project_id; END;
CREATE TRIGGER image_counts_gone AFTER DELETE ON image WHEN OLD.deleted IS NULL  BEGIN UPDATE project_count SET unlabelled = unlabelled + -1 * (OLD.status = 'unlabelled'), labelled = labelled + -1 * (OLD.status = 'labelled'), empty = empty + -1 * (OLD.status = 'empty') WHERE project_id = OLD.project_id; END;
CREATE TRIGGER image_counts_before AFTER UPDATE OF status, deleted ON image WHEN OLD.deleted IS NULL AND (OLD.status <> NEW.status OR (OLD.deleted IS NULL) <> (NEW.deleted IS NULL)) BEGIN UPDATE project_count SET unlabelled = unlabelled + -1 * (OLD.status = 'unlabelled'), labelled = labelled + -1 * (OLD.status = 'labelled'), empty = empty + -1 * (OLD.status = 'empty') WHERE project_id = OLD.project_id; END;
CREATE TRIGGER image_counts_after AFTER UPDATE OF status, deleted ON image WHEN NEW.deleted IS NULL AND (OLD.status <> NEW.status OR (OLD.deleted IS NULL) <> (NEW.deleted IS NULL)) BEGIN UPDATE project_count SET unlabelled = unlabelled + 1 * (NEW.status = 'unlabelled'), labelled = labelled + 1 * (NEW.status = 'labelled'), empty = empty + 1 * (NEW.status = 'empty') WHERE project_id = NEW.project_id; END;
CREATE INDEX ix_box_class_id ON box (class_id);
CREATE INDEX ix_suggestion_image_id_state ON suggestion (image_id, state);
CREATE INDEX ix_suggestion_model_id ON suggestion (model_id);
CREATE INDEX ix_suggestion_class_id ON suggestion (class_id);
CREATE INDEX ix_run_outcome ON run (outcome);
CREATE INDEX ix_run_project_created ON run (project_id, created);
CREATE UNIQUE INDEX ix_model_default ON model (project_id) WHERE is_default;
CREATE INDEX ix_image_split_order ON image (project_id, split, sort_key, id) WHERE deleted IS NULL;
CREATE INDEX ix_image_flagged_order ON image (project_id, sort_key, id) WHERE deleted IS NULL AND flag IS 1;
CREATE INDEX ix_suggestion_state_image_id ON suggestion (state, image_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('project',2);
INSERT INTO "sqlite_sequence" VALUES('label_class',2);
INSERT INTO "sqlite_sequence" VALUES('image',6);
INSERT INTO "sqlite_sequence" VALUES('edit',8);
INSERT INTO "sqlite_sequence" VALUES('suggestion',1);
COMMIT;
