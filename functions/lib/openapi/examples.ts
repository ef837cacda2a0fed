/** Values of the examples, all of one execution. */
export const EXECUTION_ID = 'run-command.api-3f9d7c1a5b8e42f06d1c9a7e4b2f8035';

const RUNBOOK = 'run-command';
const INSTANCE = 'i-0aa11bb22cc33dd01';
const COMMAND = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

/** As API Gateway gives them. */
export const REQUEST_ID = 'Kq3hJjU4liAEJzA=';

export const ACCEPTED = { execution_id: EXECUTION_ID, runbook: RUNBOOK, requested_at: '2026-01-05T09:00:00.000Z' };

const RUN_COMMAND_RESULT = {
  status: 'Success',
  status_details: 'Success',
  exit_code: 0,
  stdout: ' 09:00:02 up 12 days,  3:14,  0 users,  load average: 0.08, 0.03, 0.01\n',
  stderr: '',
  stdout_truncated: false,
  command_id: COMMAND,
  instance_id: INSTANCE,
  bucket: 'fleetwright-outputs',
  key_prefix: `commands/${COMMAND}/${INSTANCE}`,
  warnings: [],
};

/** A result of each runbook; one without an example is described by its schema alone. */
export const RESULTS: Readonly<Record<string, unknown>> = { [RUNBOOK]: RUN_COMMAND_RESULT };

const RUNNING = {
  execution_id: EXECUTION_ID,
  runbook: RUNBOOK,
  status: 'RUNNING',
  started_at: '2026-01-05T09:00:00.412Z',
  summary: `Command on ${INSTANCE} is running`,
};
const SUCCEEDED = {
  ...RUNNING,
  status: 'SUCCEEDED',
  finished_at: '2026-01-05T09:00:04.871Z',
  summary: `Command ${COMMAND} on ${INSTANCE} ended with Success (exit code 0)`,
};

export const EXECUTION_DOCUMENT = {
  ...SUCCEEDED,
  targets: [{ instance_id: INSTANCE, command_id: COMMAND, status: 'Success', status_details: 'Success', exit_code: 0 }],
  warnings: [],
  results_uri: `s3://fleetwright-outputs/commands/${COMMAND}/${INSTANCE}/`,
  result: RUN_COMMAND_RESULT,
};

export const EXECUTION_PAGE = { executions: [SUCCEEDED], next_token: 'eyJydW4tY29tbWFuZCI6bnVsbH0' };

export const STOPPING = {
  ...RUNNING,
  stop_requested_at: '2026-01-05T09:00:03.150Z',
  targets: [{ instance_id: INSTANCE }],
  warnings: [],
};

export const APPROVAL_ID = '5d41402abc4b2a76b9719d911017c592';

export const APPROVAL_REQUEST = { decision: 'approve', comment: 'Tested in staging since Monday' };

export const APPROVAL_DOCUMENT = {
  approval_id: APPROVAL_ID,
  execution_id: 'ami-rollout.ami-0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33',
  parameter: '/ami/linux/test',
  version: 7,
  image_id: 'ami-0123456789abcdef0',
  decision: 'approve',
  decided_at: '2026-01-05T09:00:00.000Z',
  comment: 'Tested in staging since Monday',
};
