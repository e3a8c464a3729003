// capabilities (http://hl7.org/fhir/R4/http.html#capabilities).

import type { Interaction } from './interaction.ts';

export const capabilities: Interaction = async (context) => ({
  status: 200,
  body: context.capabilities.metadata(context.softwareVersion, context.baseUrl, (type, code) => {
    return !context.search.isFilling(type, code);
  }),
});
