/* SPDX-License-Identifier: MIT */
/* Recording commands to be replayed, replaying them, moving their operands (vk/recording.h). Knows no operation. */
#include <stdio.h>
#include <string.h>

#include "vk/recording.h"

#define PARAMS_BYTES ((size_t)64 << 10)
#define SCRATCH_BYTES ((size_t)256 << 20) /* of which no command waits for another's; then they share */
#define ALIGNMENT 256 /* an operand moved by a multiple of it lies as well as before for every kernel */

static void *take(const struct tr_device *dev, size_t size)
{
	void *p = dev->alloc->alloc(dev->alloc->user, size, 16);

	if (p)
		memset(p, 0, size);
	return p;
}

static void give(const struct tr_device *dev, void *p, size_t size)
{
	if (p)
		dev->alloc->free(dev->alloc->user, p, size);
}

static size_t words_size(size_t n)
{
	return sizeof(struct tr_vk_words) + n * (2 * sizeof(uint64_t) + 1);
}

static size_t step_size(unsigned n)
{
	return sizeof(struct tr_vk_step) + n * sizeof(((struct tr_vk_step *)NULL)->touched[0]);
}

/* An operand's way when it is elsewhere: none adds up with any address to another's, and none changes an alignment. */
static uint64_t elsewhere(unsigned k)
{
	return (uint64_t)(k + 1) << 56;
}

/* Which of the command's operands something moved with; 0 for none. It differs if that is not clear. */
static uint8_t owner_of(struct tr_recording *r, uint64_t before, uint64_t after)
{
	unsigned k = (unsigned)((after - before) >> 56);

	if (after == before)
		return 0;
	if (k && k <= r->cmds[r->command].noperand && after - before == elsewhere(k - 1))
		return (uint8_t)k;
	r->differs = true;
	return 0;
}

static struct tr_vk_room *make_room(struct tr_device *dev, size_t size)
{
	struct tr_vk_room *room = take(dev, sizeof(*room));

	if (room && tr__vk_heap_alloc(&dev->heap, size, &room->mem)) {
		give(dev, room, sizeof(*room));
		room = NULL;
	}
	return room;
}

/* Memory for n words: the address in *address, the CPU's in *host. */
static bool place_words(struct tr_device *dev, size_t n, uint64_t *address, uint64_t **host)
{
	struct tr_recording *r = dev->recorder;

	if (!r->params || r->params_used + n * sizeof(**host) > PARAMS_BYTES) {
		struct tr_vk_room *room = make_room(dev, PARAMS_BYTES);

		if (!room)
			return false;
		room->next = r->params;
		r->params = room;
		r->params_used = 0;
	}
	*address = (uintptr_t)r->params->mem.addr + r->params_used;
	*host = (uint64_t *)((char *)r->params->mem.host + r->params_used);
	r->params_used += n * sizeof(**host);
	return true;
}

static uint64_t *probed_params(struct tr_recording *r, size_t n, uint64_t *address, int *err)
{
	struct tr_vk_words *w = *r->next_words;

	*err = 0;
	if (!w || w->n != n || w->command != r->command) {
		r->differs = true;
		*err = -TR_ESTATE;
		return NULL;
	}
	r->next_words = &w->next;
	*address = w->address;
	return w->probed;
}

uint64_t *tr__vk_recorder_params(struct tr_device *dev, size_t n, uint64_t *address, int *err, char *detail)
{
	struct tr_recording *r = dev->recorder;
	struct tr_vk_words *w;

	if (r->probing)
		return probed_params(r, n, address, err);
	w = take(dev, words_size(n));
	if (!w || !place_words(dev, n, &w->address, &w->host)) {
		give(dev, w, words_size(n));
		snprintf(detail, 128, "out of memory for a recording");
		*err = -TR_ENOMEM;
		return NULL;
	}
	w->n = n;
	w->command = r->command;
	w->probed = w->word + n;
	w->owner = (uint8_t *)(w->probed + n);
	*r->next_words = w;
	r->next_words = &w->next;
	*address = w->address;
	*err = 0;
	return w->word;
}

/* The smallest room of that size that this command does not have yet. */
static struct tr_vk_room *idle_room(struct tr_recording *r, size_t size)
{
	struct tr_vk_room *best = NULL;

	for (struct tr_vk_room *room = r->rooms; room; room = room->next)
		if (!room->shared && !room->kept && room->user != r->command && room->mem.size >= size &&
		    (!best || room->mem.size < best->mem.size))
			best = room;
	return best;
}

int tr__vk_recorder_scratch(struct tr_device *dev, size_t size, struct tr_mem *out)
{
	struct tr_recording *r = dev->recorder;
	struct tr_vk_room *room = r->probing ? *r->next_room : NULL, *idle = NULL;

	if (r->probing) {
		if (!room) {
			r->differs = true;
			return -TR_ENOMEM;
		}
		r->next_room = &room->next;
		*out = room->mem;
		return 0;
	}
	if (size > SCRATCH_BYTES || r->scratch > SCRATCH_BYTES - size)
		idle = idle_room(r, size);
	if (idle) {
		room = take(dev, sizeof(*room));
		if (!room)
			return -TR_ENOMEM;
		room->mem = idle->mem;
		room->shared = true;
		idle->user = r->command;
	} else {
		room = make_room(dev, size);
		if (!room)
			return -TR_ENOMEM;
		r->scratch += size;
	}
	room->user = r->command;
	*r->next_room = room;
	r->next_room = &room->next;
	*out = room->mem;
	return 0;
}

int tr__vk_recorder_note(struct tr_device *dev, VkPipeline pipeline, uint64_t groups, bool waits,
			 const struct tr_vk_range *range, unsigned n, char *detail)
{
	struct tr_recording *r = dev->recorder;
	struct tr_vk_step *s = take(dev, step_size(n));

	if (!s) {
		snprintf(detail, 128, "out of memory for a recording");
		return -TR_ENOMEM;
	}
	s->command = r->command;
	s->pipeline = pipeline;
	s->groups = groups;
	s->waits = waits;
	s->n = n;
	for (unsigned i = 0; i < n; i++)
		s->touched[i].range = range[i];
	*r->next_step = s;
	r->next_step = &s->next;
	return 0;
}

int tr__vk_recorder_compare(struct tr_device *dev, VkPipeline pipeline, uint64_t groups, const struct tr_vk_range *range,
			    unsigned n)
{
	struct tr_recording *r = dev->recorder;
	struct tr_vk_step *s = *r->next_step;

	if (!s || s->command != r->command || s->pipeline != pipeline || s->groups != groups || s->n != n) {
		r->differs = true;
		return -TR_ESTATE;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct tr_vk_range *before = &s->touched[i].range;

		s->touched[i].owner = owner_of(r, before->low, range[i].low);
		r->differs |= range[i].high - range[i].low != before->high - before->low || range[i].write != before->write;
	}
	r->next_step = &s->next;
	return 0;
}

int tr__vk_recorder_check(struct tr_device *dev, const struct tr_vk_check *check, char *detail)
{
	struct tr_recording *r = dev->recorder;
	const struct tr_cmd *cmd = &r->cmds[r->command];
	struct tr_vk_check *c;

	if (r->probing)
		return 0;
	c = take(dev, sizeof(*c));
	if (!c) {
		snprintf(detail, 128, "out of memory for a recording");
		return -TR_ENOMEM;
	}
	*c = *check;
	c->next = NULL;
	c->command = r->command;
	for (uint8_t k = 1; k < cmd->noperand; k++)
		if (c->values == (uintptr_t)cmd->operand[k].addr)
			c->operand = k;
	for (struct tr_vk_room *room = r->rooms; room; room = room->next)
		room->kept |= room->mem.host == (const void *)c->word ||
			      c->values - (uintptr_t)room->mem.addr < room->mem.size;
	*r->next_check = c;
	r->next_check = &c->next;
	return 0;
}

static void rewind_all(struct tr_recording *r)
{
	r->next_words = &r->words;
	r->next_step = &r->steps;
	r->next_room = &r->rooms;
	r->next_check = &r->checks;
}

static void free_rooms(struct tr_device *dev, struct tr_vk_room *room)
{
	while (room) {
		struct tr_vk_room *next = room->next;

		if (!room->shared)
			tr__vk_heap_free(&dev->heap, &room->mem);
		give(dev, room, sizeof(*room));
		room = next;
	}
}

/* The addresses of all operands, one row for each command. */
static bool note_addresses(struct tr_device *dev, struct tr_recording *r)
{
	r->base = take(dev, r->n * sizeof(*r->base));
	for (size_t c = 0; r->base && c < r->n; c++) {
		const struct tr_cmd *cmd = &r->cmds[c];

		r->base[c] = take(dev, cmd->noperand * sizeof(**r->base));
		if (!r->base[c])
			return false;
		for (unsigned k = 0; k < cmd->noperand; k++)
			r->base[c][k] = (uintptr_t)cmd->operand[k].addr;
	}
	return r->base;
}

void tr__vk_forget(struct tr_device *dev, struct tr_recording *r)
{
	if (!r)
		return;
	for (struct tr_vk_words *w = r->words, *next; w; w = next) {
		next = w->next;
		give(dev, w, words_size(w->n));
	}
	for (struct tr_vk_step *s = r->steps, *next; s; s = next) {
		next = s->next;
		give(dev, s, step_size(s->n));
	}
	for (struct tr_vk_check *c = r->checks, *next; c; c = next) {
		next = c->next;
		give(dev, c, sizeof(*c));
	}
	free_rooms(dev, r->rooms);
	free_rooms(dev, r->params);
	for (size_t c = 0; r->base && c < r->n; c++)
		give(dev, r->base[c], r->cmds[c].noperand * sizeof(**r->base));
	give(dev, r->base, r->n * sizeof(*r->base));
	r->next = dev->forgotten;
	dev->forgotten = r;
	if (!dev->unfinished) /* else it may still run */
		tr__vk_recordings_finish(dev, true);
}

void tr__vk_recordings_finish(struct tr_device *dev, bool finished)
{
	while (dev->forgotten) {
		struct tr_recording *r = dev->forgotten;

		dev->forgotten = r->next;
		if (finished)
			tr__vk.DestroyCommandPool(dev->gpu->device, r->pool, NULL);
		give(dev, r, sizeof(*r));
	}
}

static struct tr_recording *create(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, int *err, char *detail)
{
	struct tr_recording *r = take(dev, sizeof(*r));
	VkResult result;

	*err = -TR_ENOMEM;
	snprintf(detail, 128, "out of memory for a recording");
	if (!r)
		return NULL;
	r->cmds = cmds;
	r->n = n;
	rewind_all(r);
	if (!note_addresses(dev, r)) {
		tr__vk_forget(dev, r);
		return NULL;
	}
	result = tr__vk_command_buffers(dev->gpu, 0, 1, &r->pool, &r->commands);
	*err = 0;
	*detail = '\0';
	if (!result)
		return r;
	*err = tr__vk_fail(dev, result, detail);
	tr__vk_forget(dev, r);
	return NULL;
}

/* Everything into the recording's command buffer. */
static int record_all(struct tr_device *dev, struct tr_recording *r, size_t *failed, char *detail)
{
	static const VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
	VkResult result = tr__vk.BeginCommandBuffer(dev->commands, &info);
	int err = result ? tr__vk_fail(dev, result, detail) : 0;

	*failed = 0;
	if (err)
		return err;
	dev->recording = true;
	dev->bound = VK_NULL_HANDLE;
	for (r->command = 0; r->command < r->n && !err; r->command++) {
		*failed = r->command;
		err = tr__vk_command(dev, &r->cmds[r->command], detail);
	}
	if (err) {
		dev->recording = dev->begun = false;
		return err;
	}
	result = tr__vk_end(dev, dev->commands);
	return result ? tr__vk_fail(dev, result, detail) : 0;
}

int tr__vk_record(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, struct tr_recording **out, size_t *failed,
		  char *detail)
{
	VkCommandBuffer own = dev->commands;
	struct tr_recording *r;
	int err;

	*out = NULL;
	*failed = 0;
	if (dev->trace) /* its marks are taken anew in every submission */
		return 0;
	r = create(dev, cmds, n, &err, detail);
	if (!r)
		return err;
	dev->recorder = r;
	dev->commands = r->commands;
	err = record_all(dev, r, failed, detail);
	dev->commands = own;
	dev->recorder = NULL;
	if (err) {
		if (r->refused)
			err = 0;
		tr__vk_forget(dev, r);
		return err;
	}
	for (const struct tr_vk_words *w = r->words; w; w = w->next)
		memcpy(w->host, w->word, w->n * sizeof(*w->word));
	*out = r;
	return 0;
}

int tr__vk_replay(struct tr_device *dev, struct tr_recording *r, size_t *failed, char *detail)
{
	int err;

	*failed = 0;
	if (atomic_load(&dev->gpu->lost)) {
		snprintf(detail, 128, "%.60s was lost; nothing more can run in this context", dev->gpu->name);
		return -TR_EDEVICE;
	}
	for (struct tr_vk_check *c = r->checks; c; c = c->next)
		*c->word = UINT32_MAX;
	err = tr__vk_submit(dev, r->commands, detail);
	for (struct tr_vk_check *c = r->checks; c && !err; c = c->next) {
		if (c->operand)
			c->values = (uintptr_t)r->cmds[c->command].operand[c->operand].addr;
		*failed = c->command;
		err = tr__vk_checked(dev, c, detail);
	}
	return err;
}

/* Executes a command with its operands elsewhere. */
static void probe_command(struct tr_device *dev, const struct tr_cmd *given)
{
	struct tr_operand o[TR_PROGRAM_OPERANDS + 1];
	struct tr_recording *r = dev->recorder;
	struct tr_vk_words *w = *r->next_words;
	struct tr_cmd cmd = *given;
	char detail[128];

	for (unsigned k = 0; k < cmd.noperand; k++) {
		o[k] = cmd.operand[k];
		if (o[k].addr)
			o[k].addr = (char *)(uintptr_t)r->base[r->command][k] + elsewhere(k);
	}
	cmd.operand = o;
	r->differs |= tr__vk_command(dev, &cmd, detail) != 0;
	for (; w != *r->next_words; w = w->next)
		for (size_t i = 0; i < w->n; i++)
			w->owner[i] = owner_of(r, w->word[i], w->probed[i]);
}

/* Finds the owners of all words and ranges; false if they are not clear. */
static bool find_owners(struct tr_device *dev, struct tr_recording *r)
{
	if (r->owned || r->differs)
		return !r->differs;
	rewind_all(r);
	dev->recorder = r;
	r->probing = true;
	for (r->command = 0; r->command < r->n && !r->differs; r->command++)
		probe_command(dev, &r->cmds[r->command]);
	r->probing = false;
	dev->recorder = NULL;
	r->differs |= *r->next_words || *r->next_step || *r->next_room;
	r->owned = !r->differs;
	return r->owned;
}

/* How far an operand has moved; 0 without one. */
static uint64_t way_of(const struct tr_recording *r, size_t command, uint8_t owner)
{
	if (!owner)
		return 0;
	return (uintptr_t)r->cmds[command].operand[owner - 1].addr - r->base[command][owner - 1];
}

/* Whether the barriers that were recorded do for the operands' new places, which must be the device's. */
static bool still_fits(const struct tr_device *dev, const struct tr_recording *r)
{
	struct tr_vk_range range[TR_VK_RANGES];
	struct tr_vk_hazards h = {.n = 0};

	for (const struct tr_vk_step *s = r->steps; s; s = s->next) {
		if (s->n > TR_VK_RANGES)
			return false;
		for (unsigned i = 0; i < s->n; i++) {
			uint64_t way = way_of(r, s->command, s->touched[i].owner);

			range[i] = s->touched[i].range;
			range[i].low += way;
			range[i].high += way;
			if (way % ALIGNMENT || (way && range[i].low < range[i].high &&
						!tr__vk_heap_has(&dev->heap, range[i].low, range[i].high)))
				return false;
		}
		if (s->waits)
			h.n = 0;
		if (tr__vk_hazard(&h, range, s->n))
			return false;
	}
	return true;
}

bool tr__vk_rebind(struct tr_device *dev, struct tr_recording *r)
{
	if (!find_owners(dev, r) || !still_fits(dev, r))
		return false;
	for (struct tr_vk_words *w = r->words; w; w = w->next)
		for (size_t i = 0; i < w->n; i++)
			if (w->owner[i])
				w->host[i] = w->word[i] += way_of(r, w->command, w->owner[i]);
	for (struct tr_vk_step *s = r->steps; s; s = s->next) {
		for (unsigned i = 0; i < s->n; i++) {
			uint64_t way = way_of(r, s->command, s->touched[i].owner);

			s->touched[i].range.low += way;
			s->touched[i].range.high += way;
		}
	}
	for (size_t c = 0; c < r->n; c++)
		for (unsigned k = 0; k < r->cmds[c].noperand; k++)
			r->base[c][k] = (uintptr_t)r->cmds[c].operand[k].addr;
	return true;
}
