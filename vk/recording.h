/* SPDX-License-Identifier: MIT */
/*
 * Commands recorded once to be submitted many times. While one is recorded (dev->recorder), the parameters of its dispatches
 * get memory of the recording's own, and a note is taken of each dispatch with the bytes it touches.
 *
 * Which parameters hold addresses of operands is known to the executors alone. So that operands can be moved without
 * recording anew, the commands are executed a second time when that is first asked for, with every operand elsewhere and
 * nothing recorded: a word that moves by exactly as much as an operand is an address in it. Knows no operation.
 */
#ifndef TR_VK_RECORDING_H
#define TR_VK_RECORDING_H

#include "vk/vk.h"

/* The parameters of a dispatch. */
struct tr_vk_words {
	struct tr_vk_words *next;
	size_t command;
	uint64_t address, *host; /* where the GPU finds them, and the CPU */
	size_t n;
	uint8_t *owner;          /* of each: 1 + the operand it is an address in, 0 for none */
	uint64_t *probed;        /* what each was with the operands elsewhere */
	uint64_t word[];
};

/* A dispatch and the barrier in front of it. */
struct tr_vk_step {
	struct tr_vk_step *next;
	size_t command;
	VkPipeline pipeline;
	uint64_t groups;
	bool waits;
	unsigned n;
	struct {
		struct tr_vk_range range;
		uint8_t owner;
	} touched[];
};

/* Memory that a command asked for; several commands may have the same. */
struct tr_vk_room {
	struct tr_vk_room *next;
	struct tr_mem mem;
	size_t user; /* the last command that has it */
	bool shared; /* freed with another one */
	bool kept;   /* the CPU looks into it after a replay */
};

/* A check: `word` is UINT32_MAX, or the position of the first wrong value, an index or how many elements were found. */
struct tr_vk_check {
	struct tr_vk_check *next;
	size_t command;
	uint32_t *word;
	uint64_t values; /* their address */
	int64_t axis, limit;
	bool was_unsigned, counts; /* the value is a count, and limit what there is room for */
	bool numbers;              /* the values are numbers, but for one */
	uint8_t operand;           /* the command's whose memory the values are; 0 for none's */
};

struct tr_recording {
	struct tr_recording *next; /* once forgotten */
	const struct tr_cmd *cmds;
	size_t n;
	uint64_t **base; /* base[c][k]: the address of operand k of command c that the words hold */
	VkCommandPool pool;
	VkCommandBuffer commands;

	size_t command; /* being recorded or probed */
	struct tr_vk_words *words, **next_words;
	struct tr_vk_step *steps, **next_step;
	struct tr_vk_room *rooms, **next_room;
	struct tr_vk_check *checks, **next_check;
	struct tr_vk_room *params; /* memory of the words, the latest first */
	size_t params_used;
	size_t scratch; /* bytes of rooms */

	bool refused; /* a command cannot be recorded */
	bool probing; /* executors run to find owners; nothing is recorded */
	bool differs; /* the second execution was not the first one elsewhere */
	bool owned;   /* owners are known */
};

/* The driver's functions of these names (lib/driver.h). */
int tr__vk_record(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, struct tr_recording **out, size_t *failed,
		  char *detail);
int tr__vk_replay(struct tr_device *dev, struct tr_recording *r, size_t *failed, char *detail);
bool tr__vk_rebind(struct tr_device *dev, struct tr_recording *r);
void tr__vk_forget(struct tr_device *dev, struct tr_recording *r);

/* Frees what was forgotten while it might still run; its command buffers only if it cannot any more. */
void tr__vk_recordings_finish(struct tr_device *dev, bool finished);

/* While dev->recorder is set: what stands in for the parameter ring and for scratch memory, a note of a dispatch, and its
 * comparison with the note when it is only probed. */
uint64_t *tr__vk_recorder_params(struct tr_device *dev, size_t n, uint64_t *address, int *err, char *detail);
int tr__vk_recorder_scratch(struct tr_device *dev, size_t size, struct tr_mem *out);
int tr__vk_recorder_note(struct tr_device *dev, VkPipeline pipeline, uint64_t groups, bool waits,
			 const struct tr_vk_range *range, unsigned n, char *detail);
int tr__vk_recorder_compare(struct tr_device *dev, VkPipeline pipeline, uint64_t groups, const struct tr_vk_range *range,
			    unsigned n);

/* Has a check looked at after each replay; and what one found: 0, -TR_EINDEX, -TR_ESTATE or -TR_EINVAL. */
int tr__vk_recorder_check(struct tr_device *dev, const struct tr_vk_check *check, char *detail);
int tr__vk_checked(const struct tr_device *dev, const struct tr_vk_check *check, char *detail);

#endif
