"""JSON schemas of the FIWARE Smart Data Models that the city's objects speak, key-values form.

Written by hand after the models' own definitions, as far as the messages use them: names, types,
ranges, enumerations, what is required. Sources: https://github.com/smart-data-models,
dataModel.Environment (NoiseLevelObserved, AirQualityObserved), dataModel.Weather (WeatherObserved),
dataModel.Parking (OffStreetParking, ParkingSpot), dataModel.Transportation (BikeHireDockingStation,
TrafficFlowObserved), dataModel.WasteManagement (WasteContainer). SenML: RFC 8428, 4.3 and 5.
What a model does not define (batteryLevel) is allowed, as there.
"""

NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
NOT_NEGATIVE = {"type": "number", "minimum": 0}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "format": "date-time",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
POINT = {"type": "object", "required": ["type", "coordinates"], "additionalProperties": False,
         "properties": {
             "type": {"const": "Point"},
             "coordinates": {"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [
                 {"type": "number", "minimum": 1.34, "maximum": 1.53},
                 {"type": "number", "minimum": 43.52, "maximum": 43.68}]}}}
ADDRESS = {"type": "object", "properties": {"addressLocality": TEXT, "district": TEXT}}
IDS = {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}


def some_of(*words):
    return {"type": "array", "items": {"enum": list(words)}, "minItems": 1, "uniqueItems": True}


def model(name, required, properties):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["id", "type", *required],
        "properties": {
            "id": {"type": "string", "format": "uri", "pattern": f"^urn:ngsi-ld:{name}:[\\w-]+$"},
            "type": {"const": name}, "location": POINT, "address": ADDRESS, "name": TEXT,
            "batteryLevel": {"type": "number", "minimum": 0, "maximum": 100}, **properties}}


SENML = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array", "minItems": 1,
    "items": {
        "type": "object", "additionalProperties": False,
        "properties": {"bn": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9:./_-]*$"},
                       "bt": NUMBER, "bu": TEXT, "bv": NUMBER, "bver": COUNT,
                       "n": {"type": "string", "pattern": "^[A-Za-z0-9:./_-]+$"},
                       # Of the registry: RFC 8428, 12.1, and RFC 8798.
                       "u": {"enum": ["Cel", "%RH", "/", "m/s", "%EL", "lat", "lon"]},
                       "v": NUMBER, "vs": {"type": "string"}, "vb": {"type": "boolean"},
                       "t": NUMBER},
        "anyOf": [{"required": ["v"]}, {"required": ["vs"]}, {"required": ["vb"]}]}}

SCHEMAS = {
    "noise": model("NoiseLevelObserved", ["dateObservedFrom", "dateObservedTo", "location"], {
        "dateObservedFrom": TIME, "dateObservedTo": TIME, "refDevice": TEXT,
        "sonometerClass": {"enum": ["0", "1", "2"]}, "LAeq": NUMBER, "LAmax": NUMBER}),
    "air": model("AirQualityObserved", ["dateObserved", "location"], {
        "dateObserved": TIME, "refDevice": TEXT, "typeofLocation": {"enum": ["indoor", "outdoor"]},
        "no2": NOT_NEGATIVE, "pm10": NOT_NEGATIVE, "pm25": NOT_NEGATIVE, "o3": NOT_NEGATIVE}),
    "weather": model("WeatherObserved", ["dateObserved", "location"], {
        "dateObserved": TIME, "refDevice": TEXT, "temperature": NUMBER, "relativeHumidity": SHARE,
        "windSpeed": NOT_NEGATIVE, "precipitation": NOT_NEGATIVE}),
    "heat": SENML,
    "garage": model("OffStreetParking", ["location"], {
        "category": some_of("public", "private", "parkingGarage", "feeCharged", "free"),
        "allowedVehicleType": some_of("car", "motorcycle", "van"),
        "layout": some_of("underground", "multiStorey", "surface"), "observationDateTime": TIME,
        "availableSpotNumber": COUNT, "totalSpotNumber": COUNT, "occupancy": SHARE}),
    "spot": model("ParkingSpot", ["location", "status", "category", "refParkingSite"], {
        "status": {"enum": ["closed", "free", "occupied", "unknown"]},
        "category": some_of("onStreet", "offStreet"),
        "refParkingSite": {"type": "string", "format": "uri"}, "refDevice": IDS,
        "TimeInstant": TIME}),
    "bikes": model("BikeHireDockingStation", ["location"], {
        "availableBikeNumber": COUNT, "freeSlotNumber": COUNT, "dateModified": TIME,
        "status": TEXT}),
    "traffic": model("TrafficFlowObserved", ["dateObserved", "location"], {
        "dateObserved": TIME, "refDevice": TEXT, "laneId": COUNT, "intensity": NOT_NEGATIVE,
        "averageVehicleSpeed": NOT_NEGATIVE, "occupancy": SHARE}),
    "bin": model("WasteContainer", ["location"], {
        "category": some_of("fixed", "ground", "other", "portable", "underground"),
        "storedWasteKind": {"enum": ["organic", "inorganic", "glass", "paper", "other"]},
        "storedWasteOrigin": {"enum": ["household", "municipal", "other"]},
        "fillingLevel": SHARE, "temperature": NUMBER, "binLoggedTime": TIME, "refDevice": IDS}),
}

# What Sosie makes of a message: attribute, and where it is.
LOCATION = {"longitude": ("location", "coordinates", 0), "latitude": ("location", "coordinates", 1)}
VALUES = {
    "noise": {"laeq": ("LAeq",), "lamax": ("LAmax",), "battery": ("batteryLevel",), **LOCATION},
    "air": {"no2": ("no2",), "pm10": ("pm10",), "pm25": ("pm25",), "o3": ("o3",), **LOCATION},
    "weather": {"temperature": ("temperature",), "humidity": ("relativeHumidity",),
                "wind": ("windSpeed",), "rain": ("precipitation",), "battery": ("batteryLevel",),
                **LOCATION},
    "heat": {"temperature": (0, "v"), "humidity": (1, "v"), "battery": (2, "v"),
             "latitude": (3, "v"), "longitude": (4, "v")},
    "garage": {"free": ("availableSpotNumber",), "capacity": ("totalSpotNumber",),
               "occupancy": ("occupancy",), **LOCATION},
    "spot": {"occupied": ("status",), "battery": ("batteryLevel",), **LOCATION},
    "bikes": {"bikes": ("availableBikeNumber",), "docks": ("freeSlotNumber",), **LOCATION},
    "traffic": {"intensity": ("intensity",), "speed": ("averageVehicleSpeed",),
                "occupancy": ("occupancy",), **LOCATION},
    "bin": {"filling": ("fillingLevel",), "temperature": ("temperature",),
            "battery": ("batteryLevel",), **LOCATION},
}
WORDS = {"free": 0, "occupied": 1}


def values_of(kind, message):
    """Attribute to number, as the scenario's maps read it."""
    found = {}
    for attribute, path in VALUES[kind].items():
        value = message
        for step in path:
            value = value[step]
        found[attribute] = WORDS.get(value, value) if isinstance(value, str) else value
    return found


def entity_of(message):
    name = message[0]["bn"] if isinstance(message, list) else message["id"]
    return name.rstrip(":").rsplit(":", 1)[1]
