import { pipeline } from 'node:stream';
import express from 'express';
import owin from 'owin';

const sql = owin.sql({ connectionString: 'Data Source=:memory:' });
await sql`CREATE TABLE measurements (id INTEGER PRIMARY KEY, sensor TEXT, value REAL)`;
await sql.begin(async (tx) => {
  for (let i = 0; i < 10_000; i++)
    await tx`INSERT INTO measurements (sensor, value) VALUES (${i % 2 ? 'door' : 'roof'}, ${i / 10})`;
});

const app = express();

app.get('/average', async (req, res) => {
  const [row] = await sql`
    SELECT count(*) AS count, avg(value) AS average FROM measurements WHERE sensor = ${req.query.sensor}`;
  res.json(row);
});

// One row after the other, as fast as the client takes them. The database stops when the client goes.
app.get('/all', (_req, res) => {
  res.type('application/x-ndjson');
  pipeline(lines(sql`SELECT * FROM measurements`), res, () => {});
});

async function* lines(rows) {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
