"""Makes districts.geojson and positions.geojson: a Toulouse made for Sosie, NOT real data.

    pip install shapely && python3 make_city.py

The names are those of Toulouse's quartiers, put about where they lie; borders, figures and positions
are invented. A border is where two of these middles are equally far (Voronoi, 1908), within each bank
of the Garonne, bent by a smooth wave so that it looks like a street; neighbours bend alike, so they
share every corner of their border. The form is that of an OpenDataSoft portal's GeoJSON export
(Explore API v2.1, as data.toulouse-metropole.fr has it).
"""

import json
import math
import random

from shapely import LineString, MultiPoint, Point, Polygon, box, voronoi_polygons

# Name, longitude, latitude, and from 0 to 9: homes, offices, going out, green, traffic.
QUARTIERS = """
Capitole 1.4440 43.6045 5 9 9 1 6
Carmes 1.4445 43.5985 7 6 8 1 4
Saint-Étienne 1.4502 43.6000 6 7 6 2 4
Saint-Georges 1.4492 43.6038 5 8 7 1 5
Arnaud-Bernard 1.4405 43.6092 8 4 8 1 6
Les Chalets 1.4450 43.6128 8 4 4 1 5
Matabiau 1.4525 43.6100 6 7 5 0 8
Saint-Aubin 1.4560 43.6058 8 5 7 1 6
Dupuy 1.4572 43.6015 7 5 5 1 6
Amidonniers 1.4215 43.6085 6 6 3 3 6
Compans-Caffarelli 1.4340 43.6112 4 9 4 4 7
Saint-Cyprien 1.4315 43.5982 9 4 8 2 5
Patte-d'Oie 1.4205 43.5975 8 3 3 1 6
Fontaine-Lestang 1.4180 43.5880 7 2 1 2 5
Croix-de-Pierre 1.4275 43.5845 6 4 2 2 7
Casselardit 1.4120 43.6080 5 5 1 3 8
Fontaine-Bayonne 1.4085 43.6000 7 2 1 3 5
Cartoucherie 1.3995 43.6035 6 5 3 2 5
Purpan 1.3985 43.6115 3 9 1 4 8
Saint-Martin-du-Touch 1.3715 43.6065 4 9 1 4 6
Lardenne 1.3880 43.5955 6 2 1 6 4
Pradettes 1.3760 43.5850 8 2 1 4 4
Saint-Simon 1.3720 43.5660 6 2 1 6 3
Basso-Cambo 1.3910 43.5700 4 8 2 3 7
Reynerie 1.4015 43.5760 8 2 1 5 4
Bellefontaine 1.3990 43.5655 8 1 1 4 4
Mirail-Université 1.4040 43.5820 5 7 2 5 5
Bagatelle 1.4125 43.5785 8 1 1 3 5
Papus 1.4130 43.5715 7 1 1 3 5
Lafourguette 1.4165 43.5620 5 5 0 3 8
Oncopole 1.4290 43.5560 1 9 0 5 6
Bordelongue 1.4245 43.5730 5 4 1 3 7
Empalot 1.4455 43.5800 8 2 1 4 5
Ramier 1.4395 43.5865 1 3 4 8 4
Saint-Michel 1.4450 43.5895 8 4 6 2 6
Busca 1.4530 43.5920 7 3 3 3 5
Saint-Agne 1.4515 43.5800 7 3 2 2 6
Sauzelong 1.4610 43.5805 7 3 1 3 4
Rangueil 1.4635 43.5700 5 9 2 5 7
Pouvourville 1.4530 43.5610 5 1 0 8 3
Lespinet 1.4780 43.5640 2 9 0 6 5
Montaudran 1.4890 43.5710 5 8 2 4 6
La Terrasse 1.4870 43.5835 6 4 1 4 7
Pont-des-Demoiselles 1.4640 43.5890 7 4 2 2 7
Côte-Pavée 1.4700 43.5955 7 2 1 4 4
Limayrac 1.4800 43.5935 6 2 0 5 4
Guilheméry 1.4635 43.6000 7 3 2 3 4
Jolimont 1.4665 43.6105 6 4 2 4 5
Marengo 1.4600 43.6125 6 5 3 2 6
Soupetard 1.4765 43.6100 7 2 1 4 4
Bonnefoy 1.4570 43.6205 8 3 3 1 6
Roseraie 1.4705 43.6205 7 4 1 3 6
Amouroux 1.4730 43.6295 7 4 0 4 6
Gramont 1.4860 43.6290 2 6 1 6 7
Croix-Daurade 1.4630 43.6390 7 2 1 5 4
Minimes 1.4395 43.6195 9 3 4 2 6
Barrière-de-Paris 1.4345 43.6265 7 4 2 2 7
La Vache 1.4340 43.6345 5 5 1 2 7
Fondeyre 1.4255 43.6370 2 7 0 2 8
Ginestous 1.4150 43.6470 1 5 0 6 5
Sept-Deniers 1.4140 43.6235 6 4 2 5 5
Lalande 1.4350 43.6455 6 3 1 4 6
Trois-Cocus 1.4450 43.6365 8 2 1 4 5
Borderouge 1.4540 43.6405 8 4 2 4 5
"""
CITY = [(1.352, 43.618), (1.356, 43.600), (1.357, 43.580), (1.352, 43.556), (1.372, 43.544),
        (1.402, 43.541), (1.424, 43.533), (1.446, 43.537), (1.462, 43.548), (1.494, 43.547),
        (1.513, 43.566), (1.509, 43.585), (1.497, 43.606), (1.515, 43.624), (1.499, 43.645),
        (1.474, 43.657), (1.447, 43.664), (1.414, 43.667), (1.400, 43.656), (1.393, 43.640),
        (1.389, 43.622), (1.370, 43.624)]
GARONNE = [(1.4460, 43.520), (1.4385, 43.548), (1.4360, 43.560), (1.4340, 43.575), (1.4345, 43.589),
           (1.4385, 43.5955), (1.4365, 43.6005), (1.4320, 43.6040), (1.4230, 43.6035),
           (1.4150, 43.6140), (1.4055, 43.6280), (1.3985, 43.6440), (1.3930, 43.6560),
           (1.3850, 43.680)]
APPROACH = LineString([(1.357, 43.640), (1.3785, 43.6185), (1.428, 43.570), (1.452, 43.546)])
MARKETS = {"Capitole": "mercredi samedi", "Carmes": "tous les jours", "Saint-Aubin": "dimanche",
           "Saint-Cyprien": "tous les jours", "Arnaud-Bernard": "dimanche", "Bellefontaine": "mercredi",
           "Bagatelle": "vendredi", "Croix-de-Pierre": "jeudi", "Lardenne": "samedi",
           "Minimes": "mardi", "Les Chalets": "tous les jours", "Empalot": "mercredi"}
KINDS = {"noise": 40, "air": 12, "weather": 12, "garage": 24, "spot": 60, "bikes": 60, "traffic": 40,
         "bin": 60}


def bent(lon, lat):
    """A smooth wave of 100 m at most: the same for everyone who has this corner."""
    return (round(lon + 0.0011 * math.sin(lat * 700) + 0.0004 * math.sin(lon * 1900 + 1), 6),
            round(lat + 0.0008 * math.sin(lon * 620) + 0.0003 * math.sin(lat * 2100), 6))


def ring(corners):
    """Each side in steps of about 250 m, counted alike from both of its ends, then bent."""
    line = []
    for (ax, ay), (bx, by) in zip(corners, corners[1:]):
        if (bx, by) < (ax, ay):
            side = list(reversed(steps(bx, by, ax, ay)))
        else:
            side = steps(ax, ay, bx, by)
        line += [bent(*at) for at in side[:-1]]
    line = [at for i, at in enumerate(line) if at != line[i - 1]]
    return [*line, line[0]]


def steps(ax, ay, bx, by):
    count = max(1, round(math.hypot((bx - ax) * 0.72, by - ay) * 111195 / 250))
    return [(ax + (bx - ax) * i / count, ay + (by - ay) * i / count) for i in range(count + 1)]


def districts():
    rows = []
    for line in QUARTIERS.strip().splitlines():
        *name, lon, lat, homes, offices, out, green, traffic = line.split(" ")
        rows.append((" ".join(name), float(lon), float(lat),
                     [int(n) / 9 for n in (homes, offices, out, green, traffic)]))
    river = LineString(GARONNE).buffer(0.0009)  # 70 to 100 m to each side
    left, right = sorted((Polygon(CITY).difference(river)).geoms, key=lambda part: -part.area)[:2]
    if left.centroid.x > right.centroid.x:
        left, right = right, left
    features = []
    for bank in (left, right):
        mine = [row for row in rows if (LineString(GARONNE).distance(Point(row[1], row[2])) >= 0)
                and bank.distance(Point(row[1], row[2])) <
                (right if bank is left else left).distance(Point(row[1], row[2]))]
        # A flat metric: a degree of longitude is 0.724 of one of latitude here.
        cells = voronoi_polygons(MultiPoint([(lon * 0.724, lat) for _, lon, lat, _ in mine]),
                                 extend_to=box(0.9, 43.4, 1.2, 43.8), ordered=True)
        for row, cell in zip(mine, cells.geoms):
            corners = [(round(x / 0.724, 7), round(y, 7)) for x, y in cell.exterior.coords]
            shape = Polygon(corners).intersection(bank)
            if shape.geom_type != "Polygon":
                shape = max(shape.geoms, key=lambda part: part.area)
            corners = [(round(x, 7), round(y, 7)) for x, y in shape.exterior.coords]
            features.append((row, Polygon(ring(corners)).normalize().reverse()))
    return sorted(features, key=lambda pair: [row[0] for row in rows].index(pair[0][0]))


def feature(geometry, properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def district_features(made):
    for number, ((name, _, _, (homes, offices, out, green, traffic)), shape) in enumerate(made, 1):
        area_ha = shape.area * 111195 ** 2 * 0.724 / 1e4
        middle = shape.representative_point()
        over = max(0.0, 1 - shape.centroid.distance(APPROACH) / 0.025)
        yield feature(
            {"type": "Polygon", "coordinates": [[list(at) for at in shape.exterior.coords]]},
            {"geo_point_2d": {"lon": round(middle.x, 6), "lat": round(middle.y, 6)},
             "code_quartier": f"Q{number:02}", "libelle_quartier": name,
             "surface_ha": round(area_ha, 1),
             "habitants": round(area_ha * (10 + 110 * homes ** 1.5)),
             "emplois": round(area_ha * (4 + 90 * offices ** 2)),
             "part_sorties": round(out, 2), "part_verdure": round(green, 2),
             "part_trafic": round(traffic, 2), "part_survol": round(over, 2),
             "jours_marche": MARKETS.get(name), "source": "fictif (Sosie)"})


def somewhere(shape, chance):
    west, south, east, north = shape.bounds
    while True:
        at = Point(round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6))
        if shape.buffer(-0.0003).contains(at):
            return at


def position_features(made):
    chance = random.Random(31)
    for kind, count in KINDS.items():
        order = list(range(len(made)))
        chance.shuffle(order)
        for number in range(count):
            (name, *_), shape = made[order[number % len(order)]]
            at = somewhere(shape, chance)
            places = {"garage": chance.choice([180, 250, 320, 480, 600, 950]),
                      "bikes": chance.choice([14, 16, 18, 20, 24, 30])}.get(kind)
            yield feature(
                {"type": "Point", "coordinates": [at.x, at.y]},
                {"geo_point_2d": {"lon": at.x, "lat": at.y},
                 "identifiant": f"{kind}-{number + 1:04}", "type_objet": kind,
                 "quartier": name, "nb_places": places, "source": "fictif (Sosie)"})


def write(path, features):
    rows = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[\n' + rows + "\n]}\n")


MADE = districts()
write("districts.geojson", list(district_features(MADE)))
write("positions.geojson", list(position_features(MADE)))
