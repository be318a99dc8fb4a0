/*
 * What report.html does: tables sort by their heads, figures show values under the pointer, the
 * command can be copied. The page is whole without it. Nothing is fetched.
 */
'use strict';

/* --- tables ------------------------------------------------------------------------------------ */

/* By data-value where a cell has one (absent: ""), else by its text; what is absent stays last. */
function sortTable(table, column, descending) {
	const body = table.tBodies[0];
	const valueOf = row => {
		const cell = row.cells[column];
		return cell.dataset.value ?? cell.textContent.trim();
	};
	const compare = (a, b) => {
		const x = valueOf(a), y = valueOf(b);
		if (x === '' || y === '')
			return (x === '') - (y === '');
		const order = isNaN(x) || isNaN(y) ?
			x.localeCompare(y, 'en', { numeric: true }) : x - y;
		return descending ? -order : order;
	};
	body.append(...[...body.rows].sort(compare));
}

function makeSortable(table) {
	const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];

	heads.forEach((head, column) => {
		const button = document.createElement('button');

		button.type = 'button';
		button.title = 'sort by this';
		button.append(...head.childNodes);
		head.append(button);
		button.addEventListener('click', () => {
			const descending = head.getAttribute('aria-sort') === 'ascending';

			heads.forEach(other => other.removeAttribute('aria-sort'));
			head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
			sortTable(table, column, descending);
		});
	});
}

/* --- figures ----------------------------------------------------------------------------------- */

function write(value, axis) {
	const size = Math.abs(value);
	const text = Number.isInteger(value) && axis.name ? String(value) :
		value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);

	return [axis.name, text, axis.unit].filter(part => part).join(' ');
}

/* Where a value lies on an axis, as a share of it, and back. */
function shareOf(axis, value) {
	return axis.log ? Math.log(value / axis.from) / Math.log(axis.to / axis.from) :
		(value - axis.from) / (axis.to - axis.from);
}

function valueAt(axis, share) {
	return axis.log ? axis.from * (axis.to / axis.from) ** share :
		axis.from + share * (axis.to - axis.from);
}

/* The index of the newest x that is not above the value; -1 when all are. */
function findStep(xs, value) {
	let low = -1, high = xs.length;

	while (high - low > 1) {
		const middle = (low + high) >> 1;

		if (xs[middle] <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

function findNearest(xs, value) {
	return xs.reduce((best, x, i) =>
		Math.abs(x - value) < Math.abs(xs[best] - value) ? i : best, 0);
}

class Reader {
	constructor(figure) {
		this.figure = figure;
		Object.assign(this, JSON.parse(figure.dataset.readings));
		this.svg = figure.querySelector('svg');
		this.marks = this.draw(this.svg, 'g', {});
		this.box = document.createElement('div');
		this.box.className = 'reading';
		this.box.setAttribute('role', 'status');
		figure.append(this.box);
		this.place = null;
		figure.tabIndex = 0;
		figure.addEventListener('pointermove', event => this.point(event));
		figure.addEventListener('pointerdown', event => this.point(event));
		/* A finger that was lifted leaves what it pointed at to be read. */
		figure.addEventListener('pointerleave',
			event => event.pointerType === 'touch' || this.clear());
		figure.addEventListener('blur', () => this.clear());
		figure.addEventListener('keydown', event => this.press(event));
	}

	/* From a place on the screen to pixels of the figure's own size. */
	point(event) {
		const frame = this.svg.getBoundingClientRect();
		const [left, top, right, bottom] = this.plot;
		const x = (event.clientX - frame.left) / frame.width * this.size[0];
		const y = (event.clientY - frame.top) / frame.height * this.size[1];

		if (x < left - 8 || x > right + 8 || y < top - 8 || y > bottom + 8)
			return this.clear();
		if (this.kind === 'points')
			this.show(this.findPoint(x, y));
		else
			this.show(Math.min(1, Math.max(0, (x - left) / (right - left))));
	}

	press(event) {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];

		if (event.key === 'Escape')
			this.clear();
		if (!step)
			return;
		event.preventDefault();
		if (this.kind === 'points') {
			const order = this.inOrder();
			const at = this.place === null ? (step > 0 ? -1 : 0) :
				order.indexOf(this.place);

			this.show(order[(at + step + order.length) % order.length]);
		} else {
			this.show(Math.min(1, Math.max(0, (this.place ?? 0.5) + step / 100)));
		}
	}

	pixel(x, y) {
		const [left, top, right, bottom] = this.plot;

		return [left + shareOf(this.x, x) * (right - left),
			bottom - shareOf(this.y, y) * (bottom - top)];
	}

	inOrder() {
		return this.series.map((_, i) => i)
			.sort((a, b) => this.series[a].x[0] - this.series[b].x[0]);
	}

	findPoint(x, y) {
		const distance = i => {
			const [px, py] = this.pixel(this.series[i].x[0], this.series[i].y[0]);
			return Math.hypot(px - x, py - y);
		};

		return this.inOrder().reduce((best, i) => distance(i) < distance(best) ? i : best);
	}

	show(place) {
		this.place = place;
		this.marks.replaceChildren();
		this.box.replaceChildren();
		if (this.kind === 'points')
			this.showPoint(this.series[place]);
		else
			this.showLines(valueAt(this.x, place));
	}

	/* With all that lies on it. */
	showPoint(point) {
		const [x, y] = this.pixel(point.x[0], point.y[0]);

		this.spot(x, y, 11, point.colour);
		for (const other of this.series) {
			const [ox, oy] = this.pixel(other.x[0], other.y[0]);

			if (Math.hypot(ox - x, oy - y) < 9)
				this.line(other.colour, other.name);
		}
		this.put(x, y);
	}

	/* Nothing lies between two bursts: there the nearest is shown. */
	showLines(value) {
		const find = this.kind === 'steps' ? findStep : findNearest;
		const at = this.kind === 'steps' ? value :
			this.series[0].x[findNearest(this.series[0].x, value)];
		const x = this.pixel(at, this.y.to)[0];

		this.cursor(x);
		this.line('', write(at, this.x));
		for (const series of this.series) {
			const i = find(series.x, at);

			if (i < 0)
				continue;
			this.spot(x, this.pixel(at, series.y[i])[1], 4, series.colour);
			this.line(series.colour, series.name, write(series.y[i], this.y) +
				(series.notes ? ' (' + series.notes[i] + ')' : ''));
		}
		this.put(x, this.plot[1]);
	}

	clear() {
		this.place = null;
		this.marks.replaceChildren();
		this.box.replaceChildren();
	}

	line(colour, name, value) {
		const line = document.createElement('div');
		const words = document.createElement('span');

		if (value !== undefined || colour) {
			const chip = document.createElement('i');

			chip.className = 'chip';
			chip.style.background = colour;
			line.append(chip);
		}
		words.textContent = name;
		line.append(words);
		if (value !== undefined) {
			const number = document.createElement('span');

			number.className = 'value';
			number.textContent = value;
			line.append(number);
		}
		this.box.append(line);
	}

	draw(parent, name, attributes) {
		const element = document.createElementNS(this.svg.namespaceURI, name);

		for (const [key, value] of Object.entries(attributes))
			element.setAttribute(key, value);
		parent.append(element);
		return element;
	}

	cursor(x) {
		const [, top, , bottom] = this.plot;

		this.draw(this.marks, 'line', { class: 'cursor', x1: x, x2: x, y1: top, y2: bottom });
	}

	spot(x, y, radius, colour) {
		this.draw(this.marks, 'circle', { class: 'spot', cx: x, cy: y, r: radius })
			.style.stroke = colour;
	}

	/* Beside the place, on the side with more room. */
	put(x, y) {
		const width = this.figure.clientWidth, scale = width / this.size[0];
		const right = x > this.size[0] / 2;

		this.box.style.left = right ? 'auto' : `${x * scale + 12}px`;
		this.box.style.right = right ? `${width - x * scale + 12}px` : 'auto';
		this.box.style.top = `${Math.max(0, y * scale - 4)}px`;
	}
}

/* --- the command ------------------------------------------------------------------------------- */

function makeCopyable(block) {
	const text = block.querySelector('pre');
	const button = document.createElement('button');

	button.type = 'button';
	button.textContent = 'copy';
	button.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(text.textContent);
			button.textContent = 'copied';
		} catch {
			/* Not permitted here: the reader's own keys will do it. */
			getSelection().selectAllChildren(text);
			button.textContent = 'selected';
		}
	});
	block.append(button);
}

document.querySelectorAll('table.sortable').forEach(makeSortable);
document.querySelectorAll('figure[data-readings]').forEach(figure => new Reader(figure));
document.querySelectorAll('.command').forEach(makeCopyable);
