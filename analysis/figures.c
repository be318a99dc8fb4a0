/*
 * figures.c - all figures of a report. See figures.h.
 */
#include "analysis/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>

int figures_build(struct figures *figures, const struct summary *summary)
{
	int error;

	*figures = (struct figures){ .summary = summary };
	error = tradeoff_build(&figures->tradeoff, summary);
	if (!error)
		error = panels_build(&figures->panels, summary,
				     figures->tradeoff.front[PRICE_TIME]);
	if (!error)
		error = ratchet_build(&figures->ratchet, summary);
	if (!error)
		error = cpu_plots_build(&figures->cpu, &figures->panels);
	if (!error)
		error = bars_build(&figures->bars, summary);
	if (error)
		figures_free(figures);
	return error;
}

static int draw_one(FILE *script, struct figure *figure, const struct figures *figures,
		    enum figure_group group, size_t i)
{
	const struct panels *panels = &figures->panels;
	const struct panel *panel = &panels->list[i];

	switch (group) {
	case FIGURES_HELD:
		return held_draw(script, figure, panels, panel);
	case FIGURES_RETENTION:
		return retention_draw(script, figure, figures->summary, panels, panel);
	case FIGURES_TRADEOFF:
		return tradeoff_draw(script, figure, &figures->tradeoff, (enum price)(i % PRICES),
				     i / PRICES, figures->summary, panels);
	case FIGURES_RATCHET:
		return ratchet_draw(script, figure, &figures->ratchet, figures->summary, panels,
				    panel);
	case FIGURES_CPU:
		return cpu_figure_draw(script, figure, &figures->cpu, i, panels);
	default:
		return bars_draw(script, figure, &figures->bars);
	}
}

/* A figure of which nothing is known is left out, with what its script has so far. */
static int add(FILE *script, struct figures *figures, enum figure_group group, size_t i)
{
	struct figure *figure = &figures->list[group][figures->count[group]];
	char *text = NULL;
	size_t length;
	FILE *part = open_memstream(&text, &length);
	int error;

	if (!part)
		return -ENOMEM;
	error = draw_one(part, figure, figures, group, i);
	if (fclose(part) && !error)
		error = -ENOMEM;
	if (error) {
		figure_free(figure);
		*figure = (struct figure){ 0 };
	} else {
		figures->count[group]++;
		fwrite(text, 1, length, script);
	}
	free(text);
	return error == -ENODATA ? 0 : error;
}

static int write_script(FILE *script, struct figures *figures)
{
	const size_t most[FIGURE_GROUPS] = {
		[FIGURES_HELD] = figures->panels.count,
		[FIGURES_RETENTION] = figures->panels.count,
		[FIGURES_TRADEOFF] = MIN(PRICES * figures->tradeoff.load_count, FIGURES_MOST),
		[FIGURES_RATCHET] = figures->panels.count,
		[FIGURES_CPU] = figures->cpu.count,
		[FIGURES_BILL] = 1,
	};
	int error = 0;

	for (int group = 0; group < FIGURE_GROUPS; group++)
		for (size_t i = 0; i < most[group] && !error; i++)
			error = add(script, figures, (enum figure_group)group, i);
	return !error && ferror(script) ? -EIO : error;
}

static int make_folder(const char *folder)
{
	struct stat status;

	if (!mkdir(folder, 0777))
		return 0;
	if (errno != EEXIST || stat(folder, &status))
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

int figures_draw(struct figures *figures, const char *folder, char why[GNUPLOT_WHY])
{
	FILE *script = tmpfile();
	int error = script ? 0 : -errno;

	if (!error)
		error = make_folder(folder);
	if (error) {
		snprintf(why, GNUPLOT_WHY, "%.400s: %s", folder, strerror(-error));
		goto out;
	}
	error = write_script(script, figures);
	if (error)
		snprintf(why, GNUPLOT_WHY, "the figures: %s", strerror(-error));
	else
		error = gnuplot_run(script, folder, why);
out:
	if (script)
		fclose(script);
	return error;
}

void figures_free(struct figures *figures)
{
	for (int group = 0; group < FIGURE_GROUPS; group++)
		for (size_t i = 0; i < FIGURES_MOST; i++)
			figure_free(&figures->list[group][i]);
	bars_free(&figures->bars);
	cpu_plots_free(&figures->cpu);
	ratchet_free(&figures->ratchet);
	panels_free(&figures->panels);
	tradeoff_free(&figures->tradeoff);
}
