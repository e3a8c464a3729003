// `node test/tidy/write-readme.ts`: brings the README's tables up to date with the code.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readmeAsItShouldBe } from './readme.ts';
import { ROOT } from './source-files.ts';

writeFileSync(join(ROOT, 'README.md'), readmeAsItShouldBe());
