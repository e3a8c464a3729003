// Reading JSON whose shape is not known yet: what the rules of this folder look at may be anything.

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** The member's value; undefined when the value is no object or has no such member. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Whether the element is there: its value, or the extensions that stand for one. */
export function has(value: unknown, name: string): boolean {
  return member(value, name) !== undefined || member(value, `_${name}`) !== undefined;
}

/** Whether a JSON member name is a variant of the choice `name[x]`, or the sibling of one. */
export function isVariant(key: string, name: string): boolean {
  const start = key.startsWith('_') ? 1 : 0;
  const first = key.charCodeAt(start + name.length);
  return key.startsWith(name, start) && first >= UPPER_A && first <= UPPER_Z;
}

/** The items of a repeating element; none when it is absent or no array. */
export function items(value: unknown, name: string): readonly unknown[] {
  const list = member(value, name);
  return Array.isArray(list) ? list : [];
}

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the object has no members. */
export function isEmpty(value: object): boolean {
  for (const _name in value) return false;
  return true;
}
