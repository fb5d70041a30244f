"""Three routes as a FastAPI + SQLAlchemy program answers them: the figure to compare with in bench/reads.py.

The same tables, the obvious queries, an object mapper, one connection pool, no cache: what a backend of this kind does when
nothing is precomputed. Debian: python3-fastapi, python3-uvicorn, python3-sqlalchemy, python3-psycopg2.
"""
import os

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import Boolean, Column, Integer, Numeric, String, create_engine, func
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=10)
Session = sessionmaker(bind=engine, autoflush=False)
Base = declarative_base()
app = FastAPI()


class Agent(Base):
    __tablename__ = "agents"
    id = Column(UUID(as_uuid=True), primary_key=True)
    name = Column(String)
    employee_id = Column(String)


class City(Base):
    __tablename__ = "cities"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    state = Column(String)


class Call(Base):
    __tablename__ = "calls"
    id = Column(UUID(as_uuid=True), primary_key=True)
    agent_id = Column(UUID(as_uuid=True))
    city_id = Column(Integer)
    primary_issue_category = Column(String)
    processing_status = Column(String)
    audio_url = Column(String)


class Insight(Base):
    __tablename__ = "call_insights"
    call_id = Column(UUID(as_uuid=True), primary_key=True)
    overall_quality_score = Column(Numeric)
    sop_compliance_score = Column(Numeric)
    escalation_risk = Column(Boolean)


def session():
    opened = Session()
    try:
        yield opened
    finally:
        opened.close()


@app.get("/api/calls/{call_id}/status")
def call_status(call_id: str, db=Depends(session)):
    call = db.query(Call).filter(Call.id == call_id).first()
    if call is None:
        raise HTTPException(404, "Call not found")
    return {"status": "success", "call_id": str(call.id), "processing_status": call.processing_status,
            "audio_url": call.audio_url}


@app.get("/api/agents/leaderboard")
def leaderboard(db=Depends(session)):
    rows = (db.query(Agent, func.coalesce(func.avg(Insight.overall_quality_score), 0).label("score"),
                     func.count(Call.id).label("calls"))
            .outerjoin(Call, Call.agent_id == Agent.id).outerjoin(Insight, Insight.call_id == Call.id)
            .group_by(Agent.id, Agent.name, Agent.employee_id).order_by(func.coalesce(func.avg(Insight.overall_quality_score), 0).desc())
            .all())
    return {"status": "success", "data": [{"rank": rank, "agent_id": str(agent.id), "name": agent.name,
                                           "overall_score": float(score), "calls_received": calls}
                                          for rank, (agent, score, calls) in enumerate(rows, 1)]}


@app.get("/api/dashboard/india-map")
def india_map(db=Depends(session)):
    total = db.query(func.count(Call.id)).scalar() or 1
    rows = (db.query(City, func.avg(Insight.sop_compliance_score), func.count(Call.id))
            .outerjoin(Call, Call.city_id == City.id).outerjoin(Insight, Insight.call_id == Call.id)
            .group_by(City.id, City.name, City.state).all())
    states = {}
    for city, sop, calls in rows:
        state = states.setdefault(city.state, {"state": city.state, "calls": 0, "cities": []})
        state["calls"] += calls
        state["cities"].append({"id": city.id, "name": city.name, "sop_score": float(sop or 0)})
    for name, state in states.items():
        issue = (db.query(Call.primary_issue_category, func.count(Call.id)).join(City, City.id == Call.city_id)
                 .filter(City.state == name).group_by(Call.primary_issue_category).order_by(func.count(Call.id).desc()).first())
        state["top_issue"] = issue[0] if issue else None
        state["total_call_volume_pct"] = round(100 * state.pop("calls") / total, 1)
    return {"status": "success", "data": list(states.values())}
