/**
 * The map: Leaflet moves and zooms it and brings tiles where there are some; districts and objects are
 * painted on two canvases above, in the part of the world that Leaflet has in sight. Both are painted
 * anew only when something of theirs is another.
 */
import * as L from "leaflet";
import { latitudeOf, longitudeOf, type Sight, sightOf, xOf, yOf } from "../../src/map/mercator.ts";
import { paintRoads, type Roads } from "../../src/map/roads.ts";
import type { Swarm } from "../../src/map/swarm.ts";
import { colour } from "../../src/theme.ts";
import { type Area, contains, corners } from "./areas.ts";
import { Ground, type Told } from "./ground.ts";
import { type Choice, type Frame, forgetColours, Objects } from "./objects.ts";

const mouse_reach_px = 12;
const finger_reach_px = 24;
const key_reach_px = 40;
const most_zoom = 20;
/** Where the map was left, for whoever comes back to it. */
let kept: { centre: L.LatLng; zoom: number } | null = null;

export interface Heard {
  area: (entity: string) => void;
  object: (device: number) => void;
  /** The mouse is over this object, or this area, at a place in the box. */
  point: (over: { device?: number; area?: Area } | null, x: number, y: number) => void;
  sight: (sight: Sight) => void;
}

export class Stage {
  frames = 0;
  cost_ms = 0;
  private readonly map: L.Map;
  private readonly land = new Ground();
  private readonly objects: Objects;
  private areas: readonly Area[] = [];
  private roads: Roads | null = null;
  private tiles: L.TileLayer | null = null;
  private width = 0;
  private height = 0;
  private ratio = 1;
  private now_ms = 0;
  private isGroundOld = true;
  private isTopOld = true;
  private isArrangementOld = true;
  private isMoving = false;
  private toldScale = 0;
  private isDim = false;
  private isPlaced = false;
  private request = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly ground: HTMLCanvasElement,
    private readonly top: HTMLCanvasElement,
    private readonly swarm: Swarm,
    private readonly heard: Heard,
    private readonly blinks: boolean,
  ) {
    this.objects = new Objects(swarm);
    this.map = L.map(box, {
      zoomControl: false,
      attributionControl: false,
      zoomAnimation: false,
      fadeAnimation: false,
      inertia: blinks,
      zoomSnap: 0.25,
      zoomDelta: 0.5,
      wheelPxPerZoomLevel: 120,
      minZoom: 2,
      maxZoom: most_zoom,
      keyboardPanDelta: 80,
    });
    if (kept) this.map.setView(kept.centre, kept.zoom);
    this.isPlaced = kept !== null;
  }

  start(): void {
    this.listen();
    this.request = requestAnimationFrame(this.frame);
  }

  stop(): void {
    cancelAnimationFrame(this.request);
    this.map.remove();
  }

  /** Size, theme or pixels of the screen are others. */
  lay(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.ground, this.top]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    forgetColours();
    this.land.dress();
    const pen = this.top.getContext("2d");
    if (pen && width > 0) this.objects.dress(pen, this.ratio);
    this.map.invalidateSize({ pan: false });
    if (!this.isPlaced) this.fit();
    this.repaint();
  }

  setAreas(areas: readonly Area[]): void {
    this.areas = areas;
    this.land.setAreas(areas);
    if (!this.isPlaced) this.fit();
    this.isGroundOld = true;
  }

  setRoads(roads: Roads | null): void {
    this.roads = roads;
    this.isGroundOld = true;
  }

  setTiles(url: string | null): void {
    this.tiles?.remove();
    this.tiles = url === null ? null : L.tileLayer(url, { maxZoom: most_zoom, maxNativeZoom: 19 });
    this.tiles?.addTo(this.map);
    this.isGroundOld = true;
  }

  /** What is known of each district, by entity. */
  tell(told: Map<string, Told>): void {
    const before = this.land.told;
    this.land.told = told;
    const isOther = ([entity, { look, text }]: [string, Told]) =>
      before.get(entity)?.look !== look || before.get(entity)?.text !== text;
    if (before.size === told.size && ![...told].some(isOther)) return;
    this.isGroundOld = true;
    this.isTopOld = true;
  }

  choose(choice: Choice): void {
    this.objects.choice = choice;
    this.isArrangementOld = true;
  }

  select(entity: string, device: number | null): void {
    this.land.selected = entity;
    this.objects.selected = device;
    this.repaint();
  }

  /** There are news of objects, or it is later: by the second, since what is silent looks another way. */
  refresh(now_ms: number, hasNews: boolean): void {
    const isLater = Math.floor(now_ms / 1000) !== Math.floor(this.now_ms / 1000);
    this.now_ms = now_ms;
    if (hasNews || isLater) this.isArrangementOld = true;
    if (!this.isPlaced) this.fit();
  }

  zoom(factor: number): void {
    this.map.setZoom(this.map.getZoom() + Math.log2(factor));
  }

  /** All districts; where there are none, all objects. */
  fit(): void {
    const points = this.areas.length > 0 ? corners(this.areas) : this.swarm.points();
    const sight = sightOf(points, this.width, this.height);
    if (!sight) return;
    this.map.setView([latitudeOf(sight.y), longitudeOf(sight.x)], Math.log2(sight.scale / 256), {
      animate: false,
    });
    kept = null;
    this.isPlaced = true;
  }

  private repaint(): void {
    this.isGroundOld = true;
    this.isTopOld = true;
    this.isArrangementOld = true;
  }

  private sight(): Sight {
    const { lat, lng } = this.map.getCenter();
    return { x: xOf(lng), y: yOf(lat), scale: 256 * 2 ** this.map.getZoom() };
  }

  private view(sight: Sight): Frame {
    const { width, height, ratio } = this;
    return { sight, width, height, ratio, now_ms: this.now_ms, isDim: this.isDim };
  }

  private listen() {
    this.map.on("move zoom", () => this.repaint());
    this.map.on("moveend", () => {
      this.isMoving = false;
      if (this.isPlaced) kept = { centre: this.map.getCenter(), zoom: this.map.getZoom() };
    });
    this.map.on("click", ({ containerPoint, originalEvent }) => {
      const isMouse = (originalEvent as PointerEvent).pointerType === "mouse";
      this.open(containerPoint, isMouse ? mouse_reach_px : finger_reach_px);
    });
    this.map.on("mousemove", ({ containerPoint }) => this.hover(containerPoint));
    this.map.on("mouseout", () => this.heard.point(null, 0, 0));
    this.map.on("movestart", () => {
      this.isMoving = true;
      this.heard.point(null, 0, 0);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "0") this.fit();
      else if (event.key === "Enter") {
        this.open(L.point(this.width / 2, this.height / 2), key_reach_px);
      }
    });
  }

  private areaAt(at: L.Point): Area | undefined {
    const sight = this.sight();
    const x = sight.x + (at.x - this.width / 2) / sight.scale;
    const y = sight.y + (at.y - this.height / 2) / sight.scale;
    return this.areas.find((area) => contains(area, x, y));
  }

  /** A group is come nearer to; an object or a district is shown. */
  private open(at: L.Point, reach: number): void {
    const one = this.objects.at(this.view(this.sight()), at.x, at.y, reach);
    if (one && one.count > 1) {
      const zoom = Math.min(most_zoom, Math.floor(this.map.getZoom()) + 2);
      this.map.setView([latitudeOf(one.y), longitudeOf(one.x)], zoom);
      return;
    }
    const area = one ? undefined : this.areaAt(at);
    if (one) this.heard.object(this.swarm.device[one.slot] as number);
    else if (area) this.heard.area(area.entity);
  }

  private hover(at: L.Point): void {
    if (this.isMoving) return;
    const one = this.objects.at(this.view(this.sight()), at.x, at.y, mouse_reach_px);
    const area = one ? undefined : this.areaAt(at);
    this.box.style.cursor = one || area ? "pointer" : "";
    if (one?.count === 1) {
      this.heard.point({ device: this.swarm.device[one.slot] as number }, at.x, at.y);
    } else this.heard.point(area ? { area } : null, at.x, at.y);
  }

  private readonly frame = (clock: number): void => {
    this.request = requestAnimationFrame(this.frame);
    if (!this.isPlaced || this.width === 0) return;
    const isDim = this.blinks && Math.floor(clock / 1000) % 2 === 1;
    const hasMoved = this.swarm.move(clock);
    const isTopOld = hasMoved || this.isTopOld || this.isArrangementOld || isDim !== this.isDim;
    if (!isTopOld && !this.isGroundOld) return;
    this.isDim = isDim;
    const begun = performance.now();
    const sight = this.sight();
    if (hasMoved || this.isArrangementOld) this.objects.arrange(this.view(sight));
    if (this.isGroundOld) this.paintGround(sight);
    if (isTopOld) this.paintTop(sight);
    if (sight.scale !== this.toldScale) this.heard.sight(sight);
    this.toldScale = sight.scale;
    this.isGroundOld = false;
    this.isTopOld = false;
    this.isArrangementOld = false;
    this.frames++;
    this.cost_ms += 0.1 * (performance.now() - begun - this.cost_ms);
  };

  private paintGround(sight: Sight): void {
    const pen = this.ground.getContext("2d");
    if (!pen) return;
    const { width, height, ratio } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.ground.width, this.ground.height);
    // Over tiles a district is a tint.
    pen.globalAlpha = this.tiles ? 0.65 : 1;
    this.land.paint(pen, sight, width, height, ratio);
    pen.globalAlpha = 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.roads) paintRoads(pen, this.roads, sight, width, height, colour("shape-2"));
  }

  private paintTop(sight: Sight): void {
    const pen = this.top.getContext("2d");
    if (!pen) return;
    const view = this.view(sight);
    this.objects.paint(pen, view);
    this.land.label(pen, view, this.objects.boxes(view));
  }
}
