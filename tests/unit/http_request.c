/* http_request.c - heads of requests: what is taken, what is refused, and as soon as it can be. */
#include "server/protocol/http_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static int parse(const char *text, struct http_request *request)
{
	return http_request_parse(text, strlen(text), request);
}

static void a_request_is_taken_apart(void **state)
{
	static const char text[] = "GET /test/7?x HTTP/1.1\r\nHost: a.b\r\nEmpty:\r\n"
				   "Connection:\t keep-alive , Upgrade \r\n\r\nrest";
	struct http_request request;

	(void)state;
	assert_int_equal(parse(text, &request), 0);
	assert_true(text_is(request.method, "GET"));
	assert_true(text_is(request.target, "/test/7?x"));
	assert_int_equal(request.header_count, 3);
	assert_true(text_is(*http_request_header(&request, "HOST"), "a.b"));
	assert_true(text_is(*http_request_header(&request, "empty"), ""));
	assert_null(http_request_header(&request, "accept"));
	assert_true(http_request_lists(&request, "connection", "upgrade"));
	assert_true(http_request_lists(&request, "connection", "keep-alive"));
	assert_false(http_request_lists(&request, "connection", "up"));
	assert_int_equal(request.length, sizeof(text) - 1 - strlen("rest"));
}

static void every_shorter_one_is_half(void **state)
{
	static const char text[] = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct http_request request;

	(void)state;
	for (size_t length = 0; length < sizeof(text) - 1; length++)
		assert_int_equal(http_request_parse(text, length, &request), -EAGAIN);
	assert_int_equal(parse(text, &request), 0);
}

/* As a proxy is asked (RFC 9112, 3.2.2); and later versions (RFC 9110, 2.5). */
static void other_forms_are_taken(void **state)
{
	static const struct {
		const char *target;
		const char *text;
	} good[] = {
		{ "/test/1", "GET http://x/test/1 HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ "/?http://y/", "GET HTTP://[::1]:80/?http://y/ HTTP/1.1\r\nHost:\r\n\r\n" },
		{ "/", "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ "?y", "GET http://x?y HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ "http:/x/", "GET http:/x/ HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ "*", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ "/", "GET / HTTP/1.2\r\nHost: x\r\n\r\n" },
		{ "/", "GET / HTTP/1.9\r\nHost: x\r\n\r\n" },
	};
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (parse(good[i].text, &request) || !text_is(request.target, good[i].target))
			fail_msg("'%s' was refused, or for another target", good[i].text);
}

static void hosts_are_checked(void **state)
{
	static const struct {
		int status;
		const char *host;
	} hosts[] = {
		{ 0, "" },
		{ 0, "x" },
		{ 0, "x:" },
		{ 0, "127.0.0.1:3033" },
		{ 0, "[::1]:3033" },
		{ 0, "[v1.a:b]" },
		{ 0, "a%41_b.~c" },
		{ 400, "a b" },
		{ 400, "b/@" },
		{ 400, "u@x" },
		{ 400, "x:1:2" },
		{ 400, "x:y" },
		{ 400, "[]" },
		{ 400, "[::1" },
		{ 400, "[::1]x" },
		{ 400, "::1" },
		{ 400, "x%4" },
		{ 400, "x%4g" },
		{ 400, "x, y" },
		{ 400, "x\r\nHost: y" },
		{ 400, "\xc3\xa4" },
		{ 400, "http://x" },
		{ 400, "x\r\nhost:" },
	};
	char text[128];
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i].host);
		if (parse(text, &request) != hosts[i].status)
			fail_msg("Host: '%s' was not answered with %d", hosts[i].host,
				 hosts[i].status);
	}
}

/* Two answers to where a body ends are a request for one server and two for another. */
static void the_length_of_a_body_is_said_once(void **state)
{
	static const struct {
		int status;
		bool body;
		const char *headers;
	} bodies[] = {
		{ 0, false, "a: b" },
		{ 0, false, "Content-Length: 0" },
		{ 0, false, "Content-Length: 000" },
		{ 0, true, "content-length: 010" },
		{ 0, true, "Content-Length: 99999999999999999999999999" },
		{ 0, true, "Transfer-Encoding: Chunked" },
		{ 400, false, "Content-Length: 5\r\nTransfer-Encoding: chunked" },
		{ 400, false, "Transfer-Encoding: chunked\r\ncontent-length: 0" },
		{ 400, false, "Content-Length: 5\r\nContent-Length: 6" },
		{ 400, false, "Content-Length: 5\r\na: b\r\nContent-Length: 5" },
		{ 400, false, "Content-Length: 5, 5" },
		{ 400, false, "Content-Length:" },
		{ 400, false, "Content-Length: +5" },
		{ 400, false, "Content-Length: -5" },
		{ 400, false, "Content-Length: 0x5" },
		{ 400, false, "Content-Length: 5 5" },
		{ 400, false, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" },
		{ 400, false, "Transfer-Encoding: chunked, chunked" },
		{ 400, false, "Transfer-Encoding: chunked, identity" },
		{ 400, false, "Transfer-Encoding: xchunked" },
		{ 400, false, "Transfer-Encoding: chunked;q=1" },
		{ 400, false, "Transfer-Encoding:" },
	};
	char text[128];
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n",
			 bodies[i].headers);
		if (parse(text, &request) != bodies[i].status)
			fail_msg("'%s' was not answered with %d", bodies[i].headers,
				 bodies[i].status);
		if (!bodies[i].status && http_request_has_body(&request) != bodies[i].body)
			fail_msg("'%s': is there a body?", bodies[i].headers);
	}
}

static void bad_ones_are_refused(void **state)
{
	static const struct {
		int status;
		const char *text;
	} bad[] = {
		{ 400, "GET / HTTP/1.1\r\n\r\n" }, /* no Host */
		{ 400, "GET / HTTP/1.1\nHost: x\n\n" },
		{ 400, "GET /\r\n" },
		{ 400, "GET  / HTTP/1.1\r\n" },
		{ 400, "GE(T / HTTP/1.1\r\n" },
		{ 400, "GET / HTTP/1.1 \r\n" },
		{ 400, "GET /\x01 HTTP/1.1\r\n" },
		{ 400, "GET / HTTPS1.1\r\n" },
		{ 505, "GET / HTTP/1.0\r\n" },
		{ 505, "GET / HTTP/2.0\r\n" },
		{ 505, "GET / HTTP/0.9\r\n" },
		{ 400, "GET / HTTP/1.11\r\n" },
		{ 400, "GET http:///test/1 HTTP/1.1\r\n" },
		{ 400, "GET http://:80/ HTTP/1.1\r\n" },
		{ 400, "GET http://u@x/ HTTP/1.1\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost x\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost : x\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: x\r\n more\r\n" }, /* a continued line */
		{ 400, "GET / HTTP/1.1\r\nHost: x\ry\r\n" },
		{ 400, "GET / HTTP/1.1\r\n: x\r\n" },
	};
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i].text, &request) != bad[i].status)
			fail_msg("'%s' was not refused with %d", bad[i].text, bad[i].status);
	assert_int_equal(http_request_parse("GET /\0", 6, &request), 400);
}

static void large_ones_are_refused(void **state)
{
	char *text = malloc(2 * HTTP_HEAD_MOST);
	struct http_request request;
	int length = sprintf(text, "GET / HTTP/1.1\r\nHost: x\r\n");

	(void)state;
	memset(text + length, 'y', 2 * HTTP_HEAD_MOST - (size_t)length);
	assert_int_equal(http_request_parse(text, HTTP_HEAD_MOST - 1, &request), -EAGAIN);
	assert_int_equal(http_request_parse(text, HTTP_HEAD_MOST, &request), 431);
	assert_int_equal(http_request_parse(text, 2 * HTTP_HEAD_MOST, &request), 431);
	for (int i = 0; i < HTTP_HEADERS_MOST; i++)
		length += sprintf(text + length, "a: b\r\n");
	assert_int_equal(http_request_parse(text, (size_t)length, &request), 431);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(every_shorter_one_is_half),
		cmocka_unit_test(other_forms_are_taken),
		cmocka_unit_test(hosts_are_checked),
		cmocka_unit_test(the_length_of_a_body_is_said_once),
		cmocka_unit_test(bad_ones_are_refused),
		cmocka_unit_test(large_ones_are_refused),
	};

	return unit_main(tests);
}
