// The NHS number's check for tests, apart from the code under test.

/** Written from the NHS Data Dictionary's description, apart from the code under test. */
export function passesModulus11(text: string): boolean {
  if (!/^\d{10}$/.test(text)) return false;
  const weightedSum = [...text.slice(0, 9)].reduce(
    (sum, digit, index) => sum + Number(digit) * (10 - index),
    0,
  );
  const check = 11 - (weightedSum % 11);
  return check !== 10 && check % 11 === Number(text[9]);
}
