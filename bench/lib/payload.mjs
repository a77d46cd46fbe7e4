// An object of about 1 KB as JSON: ten fields, one of them an object. dotnet/SharedCalls/Payload.cs is its type.
export const payload = () => ({
  id: 4711,
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  active: true,
  score: 98.6,
  address: { street: '12 St James Square', city: 'London', zip: 1234 },
  tags: ['alpha', 'beta', 'gamma', 'delta'],
  numbers: [1, 2, 3, 5, 8, 13, 21, 34],
  created: '2026-01-01T00:00:00Z',
  notes: 'x'.repeat(690),
});
