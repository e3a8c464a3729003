// A value model over an empty store, for tests of what a search means to the cohort index.

import { ValueModel } from '../../src/cohort/value-model.ts';
import { programmeRules } from '../../src/immunisation/programme-rules.ts';
import { programmes } from '../../src/immunisation/programmes.ts';
import { searchEnvironment } from '../../src/interactions/conditional.ts';
import type { SearchEnvironment } from '../../src/search/clause.ts';
import { WINDOW_MS } from '../conformance/back-ends.ts';
import { makeModelStore } from './model-store.ts';
import { openService, type Service } from './service.ts';

export interface OpenedModel {
  readonly service: Service;
  readonly environment: SearchEnvironment;
  readonly model: ValueModel;
}

/** Opens a service in memory, and a model of its store with flu-2026 loaded. */
export async function openModel(): Promise<OpenedModel> {
  const open = async () => ({ store: makeModelStore(WINDOW_MS), dispose: async () => {} });
  const service = await openService({ name: 'model', open, isSlow: false });
  const environment = searchEnvironment(service.context);
  const model = new ValueModel({
    ...{ store: service.context.store, environment },
    rules: programmeRules(programmes, environment.zone),
    programmes: ['flu-2026'],
    softwareVersion: '0.0.0-test',
  });
  return { service, environment, model };
}
