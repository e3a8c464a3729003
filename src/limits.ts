// Every bound of the service in one place, each with unit and reason. No module sets its own.

import { assert } from './lib/assert.ts';

/** Bytes of a request body after decompression. The largest real bundle at hand is 11.3 MB. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Nesting of a JSON body. FHIR's own recursion (Questionnaire items, extensions) stays far below;
 * recursive code is safe at this depth. */
export const JSON_DEPTH_MAX = 64;

/** JSON values (members, items, scalars) in one body. A bundle of 11.3 MB has 294,000. */
export const JSON_VALUES_MAX = 1_000_000;

/** Issues in one OperationOutcome: enough to mend a resource in one go, too few to flood. */
export const OUTCOME_ISSUES_MAX = 100;

/** Characters of a request's path and query. Longer searches go by POST _search. */
export const URL_LENGTH_MAX = 16 * 1024;

/** Bytes of a request line and headers together; beyond the longest url, 16 KiB for headers. */
export const HEADER_BYTES_MAX = URL_LENGTH_MAX + 16 * 1024;

/** Bytes of a refused body that are still read and thrown away, so that a client that sends
 * before it listens hears why. Then the connection is cut. */
export const DISCARDED_BYTES_MAX = 4 * BODY_BYTES_MAX;

/** How long a client may take to send its headers, and its whole request, milliseconds. A bundle
 * of BODY_BYTES_MAX needs 64 s at 2 Mbit/s. */
export const HEADERS_TIMEOUT_MS = 20_000;
export const REQUEST_TIMEOUT_MS = 120_000;

/** How long an idle connection is kept, milliseconds: longer than the 60 s of common load
 * balancers, so that it is they who close and no request meets a closing connection. */
export const KEEP_ALIVE_MS = 75_000;

/** How long a connection that broke HTTP's rules stays open for its refusal to be read,
 * milliseconds. */
export const LINGER_TIMEOUT_MS = 2_000;

/** How long requests under way may take to finish once the service is asked to stop,
 * milliseconds: less than the 10 s after which container managers kill. */
export const SHUTDOWN_TIMEOUT_MS = 8_000;

/** How long a request waits for what its client has written elsewhere, milliseconds: instances look
 * at the log four times a second. */
export const SEQUENCE_WAIT_MS = 5_000;

/** Versions, or rows, that are copied from store to store at once. */
export const COPY_BATCH_MAX = 1_000;

/** Characters of one search value; the longest FHIR value worth finding is a canonical url. */
export const SEARCH_VALUE_LENGTH_MAX = 2_000;

/** Alternatives in one search parameter: a list of practice codes or of NHS numbers. */
export const SEARCH_ALTERNATIVES_MAX = 10_000;

/** Resources that are indexed for a new search parameter in one commit: others wait no longer. */
export const REINDEX_BATCH_MAX = 200;

/** Characters of a `_filter`, and how deep its parentheses nest. */
export const FILTER_LENGTH_MAX = 10_000;
export const FILTER_DEPTH_MAX = 20;

/** Codes that one value of `:in`, `:above` or `:below` stands for: all of SNOMED CT's largest
 * branch goes, which takes a second to look for. */
export const SEARCH_CODES_MAX = 200_000;

/** How far `near` looks where no distance is given, metres. */
export const NEAR_DISTANCE_DEFAULT_M = 10_000;

/** Clauses of one search. */
export const SEARCH_PARAMETERS_MAX = 100;

/** Chains and `_has` within one parameter: each is a join over a whole type. */
export const SEARCH_STEPS_MAX = 5;

/** Ways that chains without a type leave open within one parameter. R4 has 148 types, so that one
 * step is never refused. */
export const SEARCH_WAYS_MAX = 200;

/** Keys of one `_sort`: each is looked up for every match. */
export const SORT_KEYS_MAX = 5;

/** Resources that _include and _revinclude may add to one page. */
export const INCLUDED_MAX = 10_000;

/** Entries in one page of a search or history: default and greatest. */
export const PAGE_COUNT_DEFAULT = 50;
export const PAGE_COUNT_MAX = 1_000;

/** Codes in one page of an expanded value set: more than any of R4's own, below a second. */
export const EXPANSION_CODES_MAX = 10_000;

/** Entries of one batch or transaction. */
export const BUNDLE_ENTRIES_MAX = 20_000;

/** Operations of one FHIRPath Patch; who changes more sends the whole resource. Reading a path
 * takes up to 15 ms when it is made to be hard, and half a millisecond otherwise. */
export const FHIRPATH_OPERATIONS_MAX = 200;

/** Characters of one path of a FHIRPath Patch: three criteria with canonical urls. */
export const FHIRPATH_LENGTH_MAX = 500;

/** Steps of evaluation and nodes found by all the paths of one FHIRPath Patch, which take up to a
 * microsecond each. A criterion on a list of 20,000 items takes 220,000. */
export const FHIRPATH_STEPS_MAX = 400_000;

/** Resources one conditional delete may remove. */
export const CONDITIONAL_DELETE_MAX = 1_000;

/** How often a conditional interaction is prepared anew because another write came between. */
export const GUARD_ATTEMPTS_MAX = 100;

/** How long the past can be asked, milliseconds: a day, so that an export of a night ends. */
export const WINDOW_MS = 24 * 60 * 60 * 1000;

/** Resources of the synthetic nation in one commit: enough for the store's bulk path, few enough to
 * show progress. */
export const POPULATION_WRITES_PER_COMMIT = 4_000;

/** What the cohort index may be told to take, mebibytes: 4 GiB can be addressed, and threads need
 * some of them to count in. */
export const COHORT_MEMORY_MAX_MIB = 3_584;

/** Threads that count for the cohort index: memory bandwidth is used up by then. */
export const COHORT_WORKERS_MAX = 16;

/** Clauses that the cohort index keeps as bitmaps, unless told: at 60 million people 7.5 MB each,
 * and two for each cohort that is being worked on. */
export const COHORT_KEPT_CLAUSES_MAX = 12;

/** How often the store lets go of what has left the window, milliseconds. */
export const STORE_MAINTENANCE_INTERVAL_MS = 60_000;

/** Callers whose writes one durable step carries. */
export const GROUP_CALLERS_MAX = 256;

/** How often a follower looks for new changes, milliseconds: a dose is on its way within a fifth of
 * a second, and an idle follower costs five short reads a second. */
export const FOLLOWER_POLL_MS = 200;

/** How long a lease lasts that is not renewed, and how often one is renewed or looked at,
 * milliseconds: an instance that was killed is stood in for within LEASE_MS + 2 LEASE_STEP_MS. */
export const LEASE_MS = 15_000;
export const LEASE_STEP_MS = 4_000;

/** Versions a follower takes at once: what it holds in memory, and, unless it saves its place in
 * between, what it handles again after a crash. */
export const FOLLOWER_BATCH_MAX = 200;

/** First and longest pause of a follower after a failure, milliseconds. The pause doubles with each
 * failure in a row; a receiver that comes back is noticed within a minute. */
export const FOLLOWER_BACKOFF_FIRST_MS = 250;
export const FOLLOWER_BACKOFF_MAX_MS = 60_000;

/** How long a subscriber's endpoint may take to answer, milliseconds: what webhooks commonly
 * grant, and longer than a transaction of one entry needs on a busy server. */
export const DELIVERY_TIMEOUT_MS = 15_000;

/** Bytes of a subscriber's answer that are read: one entry's response, or an outcome. */
export const DELIVERY_RESPONSE_BYTES_MAX = 64 * 1024;

/** Failed deliveries in a row before the Subscription tells of them: a restart of the receiver
 * (about a second) passes unmentioned. */
export const DELIVERY_FAILURES_TOLD = 3;

/** People that the cohort index reads at once: some ten milliseconds' work, after which others have
 * their turn. */
export const COHORT_BATCH_MAX = 64;

/** Batches that are read while one is dealt with: threads that read never wait. */
export const COHORT_BATCHES_AHEAD = 4;

/** Versions that the cohort index takes at once: a fifth of a second of a nation's writing. Whoever
 * changes more than once within it is read once. */
export const COHORT_CHANGES_MAX = 1_000;

/** How often the cohort index looks for changes, milliseconds: what is written counts within a
 * tenth of a second. */
export const COHORT_POLL_MS = 25;

/** Longest pause of the cohort index after failures, milliseconds. */
export const COHORT_PAUSE_MAX_MS = 60_000;

/** How often the cohort index is kept on disk, milliseconds: what a crash leaves to be read again
 * from the log is at most that much. */
export const COHORT_SNAPSHOT_INTERVAL_MS = 10 * 60_000;

/** How long a question waits for the cohort index to hold the writes it names, milliseconds. */
export const COHORT_WAIT_MAX_MS = 5_000;

/** How long the total of a search waits for the index, milliseconds, before the store counts. */
export const COHORT_COUNT_WAIT_MS = 200;

/** How often the cohort index is compared with the store, milliseconds, and how many people at
 * once: a fortnight for sixty million. */
export const COHORT_CHECK_INTERVAL_MS = 1_000;
export const COHORT_CHECKED_AT_ONCE = 50;

/** People who are read from the store for one question about a cohort, when the index cannot answer
 * it: about two minutes. */
export const COHORT_STREAMED_MAX = 1_000_000;

/** Nodes of one cohort's searches, and how deep they nest: a screen full of rules is fifty. */
export const COHORT_NODES_MAX = 2_000;
export const COHORT_DEPTH_MAX = 50;

/** Searches of one cohort. */
export const COHORT_RULES_MAX = 50;

/** Breakdowns of one cohort, and the rows or columns by which two are crossed. */
export const COHORT_BREAKDOWNS_MAX = 20;
export const COHORT_CROSS_MAX = 200;

/** People of a sample: default and greatest. */
export const COHORT_SAMPLE_DEFAULT = 20;
export const COHORT_SAMPLE_MAX = 200;

/** Rows of a cohort that are looked at in one go, 4 bytes each. */
export const COHORT_ROWS_PAGE_MAX = 1_000_000;

/** Cells that two columns are counted into at once: 16 MB. */
export const COHORT_CELLS_MAX = 4_000_000;

/** Members of a cohort that are read and written at once. */
export const MEMBERS_BATCH_MAX = 500;

/** Batches of them that are read at once while another is written: the embedded store has two
 * threads that read. */
export const MEMBERS_BATCHES_AT_ONCE = 3;

/** Members of one cohort: more than a nation has people, four bytes each while they are written. */
export const MEMBERS_MAX = 100_000_000;

/** How long members may be written before others take them for given up, milliseconds. */
export const MEMBERS_WRITTEN_WITHIN_MS = 6 * 60 * 60 * 1000;

/** Members on one page, unless a client asks for fewer or more, and at most. */
export const MEMBERS_COUNT_DEFAULT = 1_000;
export const MEMBERS_COUNT_MAX = 10_000;

assert(PAGE_COUNT_DEFAULT <= PAGE_COUNT_MAX, 'the default page is within the greatest');
assert(JSON_DEPTH_MAX < 1_000, 'recursion over a body cannot exhaust the stack');
assert(HEADERS_TIMEOUT_MS < REQUEST_TIMEOUT_MS, 'headers are part of a request');
assert(2 * LEASE_STEP_MS < LEASE_MS, 'a lease outlives a renewal that fails');
assert(FOLLOWER_BACKOFF_FIRST_MS < FOLLOWER_BACKOFF_MAX_MS, 'a pause can grow');
