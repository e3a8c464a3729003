// The terminology of R4 alone, for searches that need no other.

import { loadTerminology } from '../../src/terminology/terminology.ts';

/** R4's own alone. */
export const r4Terminology = loadTerminology({ folders: [] });
