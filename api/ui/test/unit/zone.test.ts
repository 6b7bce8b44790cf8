import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, civil, DAY, dayOf, dayRead, dayStart, dayText, localInstant, type Zone } from '../../src/zone.ts';

const H = 3_600_000;
const berlin: Zone = {
  name: 'Europe/Berlin',
  spans: [
    { from: -Infinity, offset: H },
    { from: Date.parse('2027-03-28T01:00:00Z'), offset: 2 * H },
    { from: Date.parse('2027-10-31T01:00:00Z'), offset: H },
  ],
};
const apia: Zone = { name: 'Pacific/Apia', spans: [{ from: -Infinity, offset: -10 * H }, { from: Date.parse('2011-12-30T10:00:00Z'), offset: 14 * H }] };
const lordHowe: Zone = { name: 'Australia/Lord_Howe', spans: [{ from: -Infinity, offset: 11 * H }, { from: Date.parse('2027-04-03T15:00:00Z'), offset: 10.5 * H }] };
const havana: Zone = { name: 'America/Havana', spans: [{ from: -Infinity, offset: -5 * H }, { from: Date.parse('2027-03-14T05:00:00Z'), offset: -4 * H }] }; // midnight does not exist

const day = dayRead;
const iso = (t: number): string => new Date(t).toISOString();

test('local time on both sides of a change', () => {
  assert.deepEqual({ ...civil(berlin, Date.parse('2027-03-28T00:59:59.250Z')) }, { year: 2027, month: 3, day: 28, hour: 1, minute: 59, second: 59, ms: 250, weekday: 6, offset: H });
  assert.equal(civil(berlin, Date.parse('2027-03-28T01:00:00Z')).hour, 3);
  assert.equal(civil(berlin, Date.parse('2027-10-31T00:30:00Z')).hour, 2);
  assert.equal(civil(berlin, Date.parse('2027-10-31T01:30:00Z')).hour, 2);
});

test('days of 23, 25 and 24.5 hours', () => {
  const hours = (z: Zone, text: string): number => (dayStart(z, day(text) + 1) - dayStart(z, day(text))) / H;
  assert.equal(hours(berlin, '2027-03-28'), 23);
  assert.equal(hours(berlin, '2027-10-31'), 25);
  assert.equal(hours(berlin, '2027-06-01'), 24);
  assert.equal(hours(lordHowe, '2027-04-04'), 24.5);
});

test('where midnight or a whole day is skipped, a day begins after the gap', () => {
  assert.equal(iso(dayStart(havana, day('2027-03-14'))), '2027-03-14T05:00:00.000Z');
  assert.equal(iso(dayStart(apia, day('2011-12-30'))), '2011-12-30T10:00:00.000Z');
  assert.equal(iso(dayStart(apia, day('2011-12-31'))), '2011-12-30T10:00:00.000Z');
  assert.equal(dayOf(apia, Date.parse('2011-12-30T09:59:59Z')), day('2011-12-29'));
  assert.equal(dayOf(apia, Date.parse('2011-12-30T10:00:00Z')), day('2011-12-31'));
});

test('each instant lies in its day', () => {
  for (const zone of [berlin, apia, lordHowe, havana])
    for (let t = Date.parse('2011-12-25T00:00:00Z'); t < Date.parse('2012-01-05T00:00:00Z'); t += H / 2) {
      const d = dayOf(zone, t);
      assert.ok(dayStart(zone, d) <= t && t < dayStart(zone, d + 1), `${zone.name} ${iso(t)}`);
    }
});

test('changes between two instants', () => {
  assert.deepEqual(changes(berlin, Date.parse('2027-01-01T00:00:00Z'), Date.parse('2027-12-31T00:00:00Z')).map((c) => [iso(c.at), c.before / H, c.after / H]), [
    ['2027-03-28T01:00:00.000Z', 1, 2], ['2027-10-31T01:00:00.000Z', 2, 1],
  ]);
});

test('dates as texts', () => {
  assert.equal(dayText(day('2028-02-29')), '2028-02-29');
  assert.equal(day('1970-01-02'), 1);
  for (const text of ['2027-02-29', '2027-13-01', '27-01-01', '', '2027-1-1', 'x']) assert.ok(Number.isNaN(day(text)), text);
  assert.equal(DAY, 86_400_000);
});

test('what a clock shows is an instant: the first of two, and after a gap the first there is', () => {
  const at = (text: string): string => iso(localInstant(berlin, Date.parse(`${text}:00Z`)));
  assert.equal(at('2027-06-01T08:30'), '2027-06-01T06:30:00.000Z');
  assert.equal(at('2027-10-31T02:30'), '2027-10-31T00:30:00.000Z');
  assert.equal(at('2027-03-28T02:30'), '2027-03-28T01:00:00.000Z');
});
