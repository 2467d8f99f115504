/* SPDX-License-Identifier: MIT */
/*
 * The devices part of `trueno info`: what the library says of each, joined through the address on the bus, or the number of
 * the render node, with what libdrm and sysfs say of the kernel's side. Knows no Vulkan.
 */
#include "tools/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <fcntl.h>
#include <xf86drm.h>

#include <trueno/context.h>

#define MAX_NODES 64

struct nodes {
	drmDevicePtr device[MAX_NODES];
	bool joined[MAX_NODES];
	int n;
};

struct device {
	bool named; /* its first line is out */
	const char *id;
	unsigned bus[4]; /* domain, bus, device, function */
	bool on_bus;
	unsigned major, minor;
	bool renders;
};

static void print_fact(const char *name, const char *text)
{
	printf("  %-21s%s\n", name, text);
}

static void take_fact(void *user, const char *name, const char *text)
{
	struct device *d = user;

	if (!d->named) {
		printf("%-11s%s\n", d->id, strcmp(name, "name") ? "" : text);
		d->named = true;
		if (!strcmp(name, "name"))
			return;
	}
	if (!strcmp(name, "pci"))
		d->on_bus = sscanf(text, "%x:%x:%x.%x", &d->bus[0], &d->bus[1], &d->bus[2], &d->bus[3]) == 4;
	if (!strcmp(name, "drm render"))
		d->renders = sscanf(text, "%u:%u", &d->major, &d->minor) == 2;
	print_fact(name, text);
}

static bool is_node_of(const struct device *d, drmDevicePtr node)
{
	struct stat s;

	if (d->renders && node->available_nodes & 1 << DRM_NODE_RENDER && !stat(node->nodes[DRM_NODE_RENDER], &s))
		return major(s.st_rdev) == d->major && minor(s.st_rdev) == d->minor;
	return d->on_bus && node->bustype == DRM_BUS_PCI && node->businfo.pci->domain == d->bus[0] &&
	       node->businfo.pci->bus == d->bus[1] && node->businfo.pci->dev == d->bus[2] &&
	       node->businfo.pci->func == d->bus[3];
}

/* The number in a file of sysfs; -1 if there is none. */
static int read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	int n = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

static void print_numa(unsigned domain, unsigned bus, unsigned dev, unsigned func)
{
	char path[96], text[32];
	int n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%04x:%02x:%02x.%x/numa_node", domain, bus, dev, func);
	n = read_number(path);
	snprintf(text, sizeof(text), "%d", n);
	print_fact("numa node", n < 0 ? "not said" : text);
}

/* The kernel driver's name and version, asked of the node itself. */
static void print_kernel_driver(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	drmVersionPtr v = fd < 0 ? NULL : drmGetVersion(fd);
	char text[160];

	if (v)
		snprintf(text, sizeof(text), "%.60s %d.%d.%d (%.60s)", v->name, v->version_major, v->version_minor,
			 v->version_patchlevel, v->desc);
	else
		snprintf(text, sizeof(text), "not said: %s", strerror(errno));
	print_fact("kernel driver", text);
	drmFreeVersion(v);
	if (fd >= 0)
		close(fd);
}

static void print_node(drmDevicePtr node)
{
	static const int kinds[] = {DRM_NODE_RENDER, DRM_NODE_PRIMARY};
	const char *best = NULL;

	for (size_t i = 0; i < 2; i++) {
		if (!(node->available_nodes & 1 << kinds[i]))
			continue;
		print_fact(kinds[i] == DRM_NODE_RENDER ? "render node" : "primary node", node->nodes[kinds[i]]);
		if (!best)
			best = node->nodes[kinds[i]];
	}
	if (best)
		print_kernel_driver(best);
	if (node->bustype == DRM_BUS_PCI)
		print_numa(node->businfo.pci->domain, node->businfo.pci->bus, node->businfo.pci->dev,
			   node->businfo.pci->func);
}

static void join(const struct device *d, struct nodes *nodes)
{
	for (int i = 0; i < nodes->n; i++) {
		if (nodes->joined[i] || !is_node_of(d, nodes->device[i]))
			continue;
		nodes->joined[i] = true;
		print_node(nodes->device[i]);
		return;
	}
	if (!d->on_bus && !d->renders)
		return;
	print_fact("render node", "none");
	if (d->on_bus)
		print_numa(d->bus[0], d->bus[1], d->bus[2], d->bus[3]);
}

void print_devices(void)
{
	struct nodes nodes = {.n = drmGetDevices2(0, nodes.device, MAX_NODES)};
	char id[32], why[256] = "";

	if (nodes.n < 0)
		nodes.n = 0; /* no folder of them: no such device */
	for (unsigned i = 0; i < 256; i++) {
		struct device d = {.id = id};

		snprintf(id, sizeof(id), "vulkan:%u", i);
		if (tr_device_facts(id, take_fact, &d, why, sizeof(why))) {
			if (i == 0)
				printf("%-11snone: %s\n", "vulkan", why);
			break;
		}
		join(&d, &nodes);
	}
	for (int i = 0; i < nodes.n; i++) {
		if (nodes.joined[i])
			continue;
		printf("%-11snot of a Vulkan device above\n", "drm");
		print_node(nodes.device[i]);
	}
	drmFreeDevices(nodes.device, nodes.n);
}
