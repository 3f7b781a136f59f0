// Functions of the standard library and of the extensions.
#include <gtest/gtest.h>

#include "tests/unit/rules/cel/expressions.h"

namespace personalize::rules::cel::testing {
namespace {

TEST(CelLibrary, ConvertsBetweenNumbers) {
  expect_all({{"int(1.9)", "1"},
              {"int(-1.9)", "-1"},
              {"int('-12')", "-12"},
              {"uint(3.7)", "3u"},
              {"double(2)", "2.0"},
              {"int(1e19)", "error: number is out of range"},
              {"uint(-1)", "error: number is out of range"},
              {"int(18446744073709551615u)", "error: number is out of range"},
              {"int('1x')", "error: text is not an int"},
              {"int('')", "error: text is not an int"},
              {"double('1e3')", "1000.0"},
              {"double('Infinity')", "Infinity"},
              {"double('x')", "error: text is not a double"},
              {"int(double('NaN'))", "error: number is out of range"},
              {"int(timestamp('1970-01-01T00:01:00Z'))", "60"},
              {"bool('TRUE')", "true"},
              {"bool('TrUe')", "error: text is not a bool"}});
}

TEST(CelLibrary, WritesValuesAsText) {
  expect_all({{"string(1.5)", "\"1.5\""},
              {"string(1e21)", "\"1e+21\""},
              {"string(123456789.0)", "\"123456789\""},
              {"string(-4.5e-3)", "\"-0.0045\""},
              {"string(true)", "\"true\""},
              {"string(b'abc')", "\"abc\""},
              {"string(b'\\xff')", "error: bytes are not valid UTF-8"},
              {"string(duration('1h30m'))", "\"5400s\""},
              {"string(timestamp('2026-01-02T03:04:05.5+01:00'))", "\"2026-01-02T02:04:05.5Z\""}});
}

TEST(CelLibrary, CountsCharactersNotBytes) {
  expect_all({{"size('été')", "3"},
              {"'été'.size()", "3"},
              {"size(b'été')", "5"},
              {"size({'a': 1})", "1"},
              {"'été'.charAt(1)", "\"t\""},
              {"'été'.charAt(3)", "\"\""},
              {"'été'.charAt(4)", "error: position is out of range"},
              {"'été'.substring(2)", "\"é\""},
              {"'été'.indexOf('é', 1)", "2"},
              {"'été'.lastIndexOf('é')", "2"},
              {"'été'.lastIndexOf('é', 1)", "0"},
              {"'abc'.substring(2, 1)", "error: position is out of range"}});
}

TEST(CelLibrary, SearchesAndReplacesText) {
  expect_all({{"'hello'.contains('ell')", "true"},
              {"''.contains('')", "true"},
              {"'hello'.startsWith('he')", "true"},
              {"'hello'.endsWith('he')", "false"},
              {"'aaa'.replace('a', 'b', 2)", "\"bba\""},
              {"'ab'.replace('', '-')", "\"-a-b-\""},
              {"'a,b,,c'.split(',')", "[\"a\", \"b\", \"\", \"c\"]"},
              {"'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"},
              {"'abc'.split('')", "[\"a\", \"b\", \"c\"]"},
              {"''.split(',')", "[\"\"]"},
              {"'a'.split(',', 0)", "[]"},
              {"['a', 'b'].join('-')", "\"a-b\""},
              {"[].join()", "\"\""},
              {"[1].join()", "error: no such overload"},
              {"'\\u00a0 a\\u3000'.trim()", "\"a\""},
              {"'TacoCÆt'.lowerAscii()", "\"tacocÆt\""},
              {"'été'.reverse()", "\"été\""},
              {"'aé'.reverse()", "\"éa\""}});
}

TEST(CelLibrary, MatchesRegularExpressionsInLinearTime) {
  expect_all({{"'banana'.matches('^ba(na)*$')", "true"},
              {"matches('x', 'y')", "false"},
              {"'a'.matches('(')", "error: malformed regular expression: missing ): ("},
              {"'x'.matches('(?=x)')", "error: malformed regular expression: invalid perl operator: (?="},
              {"regex.replace('foo bar', '(fo+) (ba+)', '\\\\2 \\\\1')", "\"ba foor\""},
              {"regex.replace('aaa', 'a', 'b', 2)", "\"bba\""},
              {"regex.extract('id=42', 'id=(\\\\d+)').value()", "\"42\""},
              {"regex.extractAll('a1b22', '[0-9]+')", "[\"1\", \"22\"]"},
              {"regex.extract('a', 'b').hasValue()", "false"}});
}

TEST(CelLibrary, FormatsText) {
  expect_all({{"'%s is %d, %.2f%%'.format(['x', 3, 2.345])", "\"x is 3, 2.35%\""},
              {"'%x %X %o %b'.format([255, 255, 8, 5])", "\"ff FF 10 101\""},
              {"'%e'.format([1500.0])", "\"1.500000e+03\""},
              {"'%s'.format([[1, 'a', null]])", "\"[1, a, null]\""},
              {"'%s'.format([{'b': 1, 'a': 2u}])", "\"{a: 2, b: 1}\""},
              {"'%x'.format(['hi'])", "\"6869\""},
              {"'%d'.format([])", "error: format() has too few arguments"},
              {"'%'.format([1])", "error: format() ends in the middle of a clause"},
              {"'%.1000f'.format([1.0])", "error: bad precision in format()"}});
}

TEST(CelLibrary, QuotesText) { EXPECT_EQ(value_of(R"(strings.quote("a\"b\n"))"), R"("\"a\\\"b\\n\"")"); }

TEST(CelLibrary, ReadsAndWritesBase64) {
  expect_all({{"base64.encode(b'hello')", "\"aGVsbG8=\""},
              {"base64.decode('aGVsbG8')", "b\"hello\""},
              {"base64.decode('aGVsbG8=')", "b\"hello\""},
              {"base64.decode('a')", "error: text is not base64"},
              {"base64.decode('a=b=')", "error: text is not base64"},
              {"base64.encode(b'')", "\"\""}});
}

TEST(CelLibrary, CalculatesWithMath) {
  expect_all({{"math.greatest(1, 2.5, 2u)", "2.5"},
              {"math.least([3, 1, 2])", "1"},
              {"math.greatest([])", "error: no numbers to choose from"},
              {"math.ceil(1.2)", "2.0"},
              {"math.round(-1.5)", "-2.0"},
              {"math.abs(-3)", "3"},
              {"math.sqrt(16)", "4.0"},
              {"math.abs(-9223372036854775808)", "error: integer overflow"},
              {"math.sign(-2.5)", "-1.0"},
              {"math.bitAnd(6, 3)", "2"},
              {"math.bitShiftRight(-1, 63)", "1"},
              {"math.bitShiftLeft(1, 64)", "0"},
              {"math.bitShiftLeft(1, -1)", "error: negative shift"},
              {"math.isNaN(0.0 / 0.0)", "true"}});
}

TEST(CelLibrary, HandlesListsAndSets) {
  expect_all({{"[1, 2, 3, 4].slice(1, 3)", "[2, 3]"},
              {"[1].slice(0, 2)", "error: position is out of range"},
              {"[[1], [2, [3]]].flatten()", "[1, 2, [3]]"},
              {"[[1, [2]]].flatten(2)", "[1, 2]"},
              {"[3, 1, 2].sort()", "[1, 2, 3]"},
              {"['b', 1].sort()", "error: no such overload"},
              {"['bb', 'a'].sortBy(x, size(x))", "[\"a\", \"bb\"]"},
              {"[1, 1.0, 2].distinct()", "[1, 2]"},
              {"[1, 2].reverse()", "[2, 1]"},
              {"lists.range(3)", "[0, 1, 2]"},
              {"[1, 2].first().value()", "1"},
              {"[].last().hasValue()", "false"},
              {"sets.contains([1, 2], [2.0])", "true"},
              {"sets.equivalent([1, 1], [1u])", "true"},
              {"sets.intersects([1], [2])", "false"},
              {"[2, 0.0 / 0.0, 1].map(x, double(x)).sort()[1]", "1.0"}});
}

TEST(CelLibrary, ReadsTimestampsWithOffsetsAndFractions) {
  expect_all({{"timestamp('2026-12-24T18:00:00+01:00')", "timestamp(\"2026-12-24T17:00:00Z\")"},
              {"timestamp('2024-02-29T00:00:00.123456789Z')", "timestamp(\"2024-02-29T00:00:00.123456789Z\")"},
              {"timestamp('2023-02-29T00:00:00Z')", "error: text is not a timestamp like 2026-12-24T18:00:00+01:00"},
              {"timestamp('2026-12-24')", "error: text is not a timestamp like 2026-12-24T18:00:00+01:00"},
              {"timestamp(60)", "timestamp(\"1970-01-01T00:01:00Z\")"},
              {"timestamp(253402300800)", "error: timestamp is out of range"}});
}

TEST(CelLibrary, ReadsDurations) {
  expect_all({{"duration('1h30m')", "duration(\"5400s\")"},
              {"duration('-1.5s')", "duration(\"-1.5s\")"},
              {"duration('100ms')", "duration(\"0.1s\")"},
              {"duration('1us') + duration('1ns')", "duration(\"0.000001001s\")"},
              {"duration('1')", "error: text is not a duration like 1h30m"},
              {"duration('')", "error: text is not a duration like 1h30m"},
              {"duration('1h-5m')", "error: text is not a duration like 1h30m"},
              {"duration('9999999999s')", "error: text is not a duration like 1h30m"}});
}

TEST(CelLibrary, CalculatesWithTime) {
  expect_all({{"timestamp(0) + duration('1m') == timestamp(60)", "true"},
              {"timestamp(60) - timestamp(0)", "duration(\"60s\")"},
              {"timestamp(60) > timestamp(0)", "true"},
              {"-duration('1s') < duration('0s')", "true"},
              {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp is out of range"},
              {"duration('9000000000s') + duration('9000000000s')", "error: duration is out of range"}});
}

TEST(CelLibrary, KnowsPartsOfTimeInZones) {
  // 2026-03-29 is when clocks in Berlin go from 02:00 to 03:00.
  expect_all({{"timestamp('2026-03-29T00:30:00Z').getHours('Europe/Berlin')", "1"},
              {"timestamp('2026-03-29T01:30:00Z').getHours('Europe/Berlin')", "3"},
              {"timestamp('2026-03-29T23:30:00Z').getDayOfWeek('Europe/Berlin')", "1"},
              {"timestamp('2026-03-29T23:30:00Z').getDayOfWeek()", "0"},
              {"timestamp('2026-12-31T23:00:00Z').getDayOfYear()", "364"},
              {"timestamp('2026-01-02T00:00:00Z').getMonth()", "0"},
              {"timestamp('2026-01-02T00:00:00Z').getDate()", "2"},
              {"timestamp('2026-01-02T00:00:00Z').getDayOfMonth()", "1"},
              {"timestamp('2026-01-01T00:00:00Z').getFullYear('-01:00')", "2025"},
              {"timestamp('2026-01-01T00:00:00.25Z').getMilliseconds()", "250"},
              {"timestamp(0).getMinutes('+05:45')", "45"},
              {"timestamp('1969-12-31T23:59:59Z').getSeconds()", "59"},
              {"duration('90m').getHours()", "1"},
              {"duration('90m').getMinutes()", "90"},
              {"timestamp(0).getHours('Nowhere/City')", "error: unknown time zone Nowhere/City"},
              {"timestamp(0).getHours('../../etc/passwd')", "error: unknown time zone ../../etc/passwd"}});
}

}  // namespace
}  // namespace personalize::rules::cel::testing
