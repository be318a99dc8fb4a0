/*
 * websocket_dialog.c - frames in, messages out. See websocket_dialog.h.
 *
 * Frames that came whole are unmasked and turned into their answer where they stand, in the loop's
 * buffer: the answer is never longer. Only what came in part is kept, in the plug-in's memory,
 * until it is whole. An idle connection owns nothing.
 */
#include "server/protocol/websocket_dialog.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "server/options.h"

#define LIMIT  (1088u << 10) /* 1 MiB and some */
#define GROWTH 1024u	     /* bytes; a message that has grown by these has earned more time */

enum part {
	PART_HEADER,  /* of a frame comes, into bytes */
	PART_PAYLOAD, /* of a control frame into bytes, else into message */
};

/* Data that is worked through; answers are written over what is done with. */
struct pass {
	struct dialog *dialog;
	uint8_t *at;
	const uint8_t *end;
	uint8_t *answer;
	size_t answered;
};

struct websocket *websocket_of(const struct dialog *dialog)
{
	struct state *state = dialog->connection->state;

	return state && state->size == sizeof(struct websocket) ? (struct websocket *)state : NULL;
}

static uint64_t limit(const struct dialog *dialog)
{
	return dialog->options->websocket_limit ? dialog->options->websocket_limit : LIMIT;
}

static uint64_t message_length(const struct websocket *websocket)
{
	return websocket && websocket->message ? websocket->message->end - WEBSOCKET_HEADER_MOST
					       : 0;
}

/* Says what this pass has answered so far. */
static int flush(struct pass *pass)
{
	const struct websocket *websocket = websocket_of(pass->dialog);
	char *from = (char *)pass->answer;
	size_t length = pass->answered;

	pass->answer = pass->at;
	pass->answered = 0;
	if (!length)
		return 0;
	if (websocket && websocket->buffers) {
		char *to = websocket->buffers + pass->dialog->options->websocket_buffers;

		from = memcpy(to, from, length);
	}
	return dialog_say(pass->dialog, from, length);
}

int websocket_say_control(struct dialog *dialog, uint8_t opcode, const uint8_t *payload,
			  size_t length)
{
	uint8_t frame[2 + WEBSOCKET_CONTROL_MOST];
	size_t header = websocket_frame_write(frame, true, opcode, length);

	memcpy(frame + header, payload, length);
	return dialog_say(dialog, (char *)frame, header + length);
}

/* Drops what is under way, and ends with that code; 0: none, as the peer gave none. */
static int end(struct pass *pass, int code)
{
	uint8_t payload[2] = { (uint8_t)(code >> 8), (uint8_t)code };
	struct websocket *websocket;
	int error = flush(pass);

	if (!error)
		error = websocket_say_control(pass->dialog, WEBSOCKET_CLOSE, payload, code ? 2 : 0);
	websocket = websocket_of(pass->dialog);
	if (websocket)
		buffer_give(websocket->message, pass->dialog->account);
	if (websocket)
		websocket->message = NULL;
	return error ? error : DIALOG_END;
}

/* Nothing is under way: back to owning nothing. */
static void tidy(struct dialog *dialog)
{
	const struct websocket *websocket = websocket_of(dialog);

	if (!websocket || websocket->buffers || websocket->opcode)
		return;
	if (websocket->state.out)
		dialog_replace(dialog, sizeof(struct state)); /* if it can be: it is smaller */
	else
		dialog_forget(dialog);
}

/*
 * The peer owes the rest of what is under way, which must be whole in time. Only a message may take
 * longer, if it grows: any byte would do for a time without end, so a least rate is asked for, as
 * by mod_reqtimeout of Apache. Nothing but its own bytes lets it live on.
 */
static int owe(struct dialog *dialog, struct websocket *websocket)
{
	uint64_t length = message_length(websocket);

	if (!websocket->deadline || length - websocket->paid >= GROWTH) {
		websocket->deadline = dialog_deadline(dialog);
		websocket->paid = (uint32_t)length;
	}
	return dialog_expect(dialog);
}

int websocket_patience(struct dialog *dialog, uint64_t now)
{
	const struct websocket *websocket = websocket_of(dialog);
	struct pass pass = { .dialog = dialog };

	if (!websocket || !websocket->deadline)
		return 0;
	return websocket->deadline <= now ? end(&pass, WEBSOCKET_POLICY) : dialog_expect(dialog);
}

/* A control frame that is whole, with its payload unmasked. */
static int control(struct pass *pass, uint8_t opcode, const uint8_t *payload, size_t length)
{
	uint16_t code;
	int error;

	if (opcode == WEBSOCKET_PONG)
		return 0;
	if (opcode == WEBSOCKET_CLOSE) {
		error = websocket_close_parse(payload, length, &code);
		return end(pass, error ? error : code);
	}
	error = flush(pass);
	return error ? error : websocket_say_control(pass->dialog, WEBSOCKET_PONG, payload, length);
}

/* Whether a data frame may stand here, of that length: 0, or the code that answers it. */
static int admit(const struct dialog *dialog, const struct websocket_frame *frame)
{
	const struct websocket *websocket = websocket_of(dialog);
	bool continues = websocket && websocket->opcode;

	if (websocket_is_control(frame->opcode))
		return 0;
	if (continues != (frame->opcode == WEBSOCKET_CONTINUATION))
		return WEBSOCKET_PROTOCOL_ERROR;
	return frame->length > limit(dialog) - message_length(websocket) ? WEBSOCKET_TOO_BIG : 0;
}

/* A frame that came whole, and is an answer by itself once it is unmasked. */
static int turn(struct pass *pass, const struct websocket_frame *frame)
{
	uint8_t *payload = pass->at + frame->header;
	uint8_t *to = pass->answer + pass->answered;
	size_t length = (size_t)frame->length;
	struct utf8 utf8 = { 0 };

	if (frame->opcode == WEBSOCKET_CLOSE || frame->opcode == WEBSOCKET_PONG) {
		websocket_unmask(payload, payload, length, frame->mask, 0);
		pass->at = payload + length;
		return control(pass, frame->opcode, payload, length);
	}
	pass->at = payload + length;
	/* Ours has no mask: it begins before the payload that it is made of, or right there. */
	to += websocket_frame_write(
		to, true, frame->opcode == WEBSOCKET_PING ? WEBSOCKET_PONG : frame->opcode, length);
	websocket_unmask(to, payload, length, frame->mask, 0);
	if (frame->opcode == WEBSOCKET_TEXT &&
	    (!utf8_check(&utf8, to, length) || !utf8_complete(&utf8)))
		return end(pass, WEBSOCKET_BAD_DATA);
	pass->answered = (size_t)(to + length - pass->answer);
	return 0;
}

/* A message that came in parts is whole: its answer's header goes into the room before it. */
static int say_message(struct pass *pass, struct websocket *websocket)
{
	struct buffer *message = websocket->message;
	uint8_t header[WEBSOCKET_HEADER_MOST];
	size_t length = websocket_frame_write(header, true, websocket->opcode,
					      message->end - WEBSOCKET_HEADER_MOST);
	int error = flush(pass);

	if (error)
		return error;
	message->begin = (uint32_t)(WEBSOCKET_HEADER_MOST - length);
	memcpy(message->bytes + message->begin, header, length);
	websocket->message = NULL;
	websocket->opcode = 0;
	return dialog_say_buffer(pass->dialog, message);
}

static int end_frame(struct pass *pass, struct websocket *websocket)
{
	int answer;

	websocket->part = PART_HEADER;
	if (websocket_is_control(websocket->frame.opcode)) {
		answer = control(pass, websocket->frame.opcode, websocket->bytes, websocket->have);
	} else {
		if (!websocket->frame.final)
			answer = 0;
		else if (websocket->opcode == WEBSOCKET_TEXT && !utf8_complete(&websocket->utf8))
			answer = end(pass, WEBSOCKET_BAD_DATA);
		else
			answer = say_message(pass, websocket);
	}
	websocket->have = 0;
	if (!websocket->opcode)
		websocket->deadline = 0;
	if (!answer)
		tidy(pass->dialog);
	return answer;
}

/* A frame whose payload comes in part, or that is part of a message. */
static int begin_frame(struct pass *pass, const struct websocket_frame *frame)
{
	static const char room[WEBSOCKET_HEADER_MOST];
	struct websocket *websocket = dialog_remember(pass->dialog, sizeof(*websocket));

	if (!websocket)
		return end(pass, WEBSOCKET_INTERNAL);
	websocket->frame = *frame;
	websocket->part = PART_PAYLOAD;
	websocket->left = frame->length;
	websocket->have = 0;
	if (!websocket_is_control(frame->opcode) && frame->opcode) {
		websocket->opcode = frame->opcode;
		websocket->utf8 = (struct utf8){ 0 };
		if (buffer_add(&websocket->message, room, sizeof(room), pass->dialog->account))
			return end(pass, WEBSOCKET_INTERNAL);
	}
	if (owe(pass->dialog, websocket))
		return end(pass, WEBSOCKET_INTERNAL);
	return websocket->left ? 0 : end_frame(pass, websocket);
}

static int take_payload(struct pass *pass, struct websocket *websocket)
{
	size_t length = MIN(websocket->left, (size_t)(pass->end - pass->at));
	uint64_t offset = websocket->frame.length - websocket->left;
	uint8_t *bytes = pass->at;

	websocket_unmask(bytes, bytes, length, websocket->frame.mask, offset);
	pass->at += length;
	websocket->left -= length;
	if (websocket_is_control(websocket->frame.opcode)) {
		memcpy(websocket->bytes + websocket->have, bytes, length);
		websocket->have += (uint8_t)length;
	} else {
		if (websocket->opcode == WEBSOCKET_TEXT &&
		    !utf8_check(&websocket->utf8, bytes, length))
			return end(pass, WEBSOCKET_BAD_DATA);
		if (buffer_add(&websocket->message, (char *)bytes, length, pass->dialog->account))
			return end(pass, WEBSOCKET_INTERNAL);
		if (owe(pass->dialog, websocket))
			return end(pass, WEBSOCKET_INTERNAL);
	}
	return websocket->left ? 0 : end_frame(pass, websocket);
}

/* A header that comes byte by byte is joined in bytes. */
static int take_header(struct pass *pass)
{
	struct websocket *websocket = websocket_of(pass->dialog);
	size_t have = websocket ? websocket->have : 0;
	size_t taken = MIN((size_t)(pass->end - pass->at), WEBSOCKET_HEADER_MOST - have);
	struct websocket_frame frame;
	uint8_t header[WEBSOCKET_HEADER_MOST];
	int status;

	if (have)
		memcpy(header, websocket->bytes, have);
	memcpy(header + have, pass->at, taken);
	status = websocket_frame_parse(header, have + taken, &frame);
	if (status == -EAGAIN) {
		pass->at += taken;
		websocket = dialog_remember(pass->dialog, sizeof(*websocket));
		if (!websocket || owe(pass->dialog, websocket))
			return end(pass, WEBSOCKET_INTERNAL);
		memcpy(websocket->bytes, header, have + taken);
		websocket->have = (uint8_t)(have + taken);
		return 0;
	}
	if (!status)
		status = admit(pass->dialog, &frame);
	if (status)
		return end(pass, status);
	if (!have && frame.length <= (size_t)(pass->end - pass->at) - frame.header &&
	    (websocket_is_control(frame.opcode) || (frame.final && frame.opcode)))
		return turn(pass, &frame);
	pass->at += frame.header - have;
	return begin_frame(pass, &frame);
}

int websocket_hear(struct dialog *dialog, char *bytes, size_t length)
{
	struct pass pass = { .dialog = dialog,
			     .at = (uint8_t *)bytes,
			     .end = (uint8_t *)bytes + length,
			     .answer = (uint8_t *)bytes };
	int answer = 0;

	while (!answer && pass.at < pass.end) {
		struct websocket *websocket = websocket_of(dialog);

		answer = websocket && websocket->part == PART_PAYLOAD
				 ? take_payload(&pass, websocket)
				 : take_header(&pass);
	}
	return answer ? answer : flush(&pass);
}
